"""Checkpoints on the disk: what was released, what lies here, how it is fetched, checked and removed."""
