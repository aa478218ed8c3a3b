"""Halves of characters: JSON can spell them, no encoding can hold them, and programs that cut texts make them."""

from __future__ import annotations


def whole(text: str) -> str:
    """Two halves that belong together are joined, others replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
