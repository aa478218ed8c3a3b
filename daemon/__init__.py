"""The core of voiced: what is asked for becomes speech. `from daemon import Voiced` is the Python way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.core import Voiced

__all__ = ["Voiced"]


def __getattr__(name: str) -> object:
    """Import the core when it is asked for: the command line's help needs none of it."""
    if name == "Voiced":
        from daemon.core import Voiced

        return Voiced
    raise AttributeError(name)
