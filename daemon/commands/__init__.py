"""What the command line does, one file a command: each has `run(args) -> exit code`."""
