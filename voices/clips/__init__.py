"""Recordings that voices are to be made of: what is measured of one, and what is said about it."""
