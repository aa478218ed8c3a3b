"""Books as they are written, in bytes: what of them is read aloud, chapter by chapter. Pure."""
