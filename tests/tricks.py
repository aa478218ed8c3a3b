"""What a hub may do wrong with one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """The connection ends after so many bytes of the body."""

    after: int


@dataclass(frozen=True)
class Hang:
    """No byte comes after so many, until the hub is told to go on."""

    after: int


@dataclass(frozen=True)
class Drip:
    """So many bytes come at a time, with a pause after them."""

    size: int
    pause_s: float


@dataclass(frozen=True)
class Status:
    """An answer with this status, and nothing else."""

    code: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Page:
    """A web page instead of the file, with a status of 200."""


@dataclass(frozen=True)
class Lie:
    """The length that is told is so much longer; with `silent` none is told, and that much more or less is sent."""

    by: int
    silent: bool = False


@dataclass(frozen=True)
class Header:
    """A header more, or another one."""

    name: str
    value: str


@dataclass(frozen=True)
class Become:
    """From here on the file is another one."""

    content: bytes


Trick = Cut | Hang | Drip | Status | Page | Lie | Header | Become
