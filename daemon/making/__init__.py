"""How voices come to be: recordings looked at, auditions held, profiles kept."""
