"""Long work: what becomes of books, scripts, game lines and subtitles. Adding one touches `table` and its own file."""
