"""What Chinese, Japanese and Korean have in common when they are read aloud: numbers, units, the shapes of dates and times."""
