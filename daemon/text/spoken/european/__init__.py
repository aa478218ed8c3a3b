"""What German, French, Spanish, Italian and Portuguese have in common: one set of rules over a table of words each."""
