"""The parts of `script`: who says what and how, and the sound of them all."""
