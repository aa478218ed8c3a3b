"""What this machine does, measured: ratios within one run, never a test."""
