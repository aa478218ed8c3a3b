"""The engine room: what speaks, and who speaks next. No other room is imported here, and no torch."""
