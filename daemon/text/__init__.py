"""Text before it is spoken: cleaned, told by language, cut into sentences. Pure."""
