"""Files that others send or keep: uploads, and what is fetched by URL."""
