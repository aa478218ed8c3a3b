"""What is made and kept: encoders, tempo, run folders."""
