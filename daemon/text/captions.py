"""Captions out of SRT and VTT, told by their content; everything that is wrong with a file is told at once.

A timing line that cannot be read is a mistake, and so are captions that end before they begin or go back in time; what stands
below it is not said by the caption above. Overlapping captions are told, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from daemon.text.captionblocks import Block, Kind, Mistake, Scanner, example
from daemon.text.charset import decoded
from daemon.text.dialogue import Dialogue, Manners, dialogue, joined
from daemon.text.sentences import has_words
from daemon.text.timings import shown

# A file can be wrong in every line; nobody reads more than this many.
TOLD: Final = 50

_FOREIGN: Final = (
    (re.compile(r"\s*\[Script Info\]", re.IGNORECASE), "an ASS file"),
    (re.compile(r"\{\d+\}\{\d+\}"), "a MicroDVD file"),
    (re.compile(r"\s*<\?xml|\s*<tt[\s>]"), "an XML file"),
)


class BadCaptions(ValueError):
    """A file of captions that cannot be read as it is; the mistakes are all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("; ".join(told(mistakes, "mistakes")))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said from one time to another."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""
    line: int = 0
    """Where its times stand in the file."""
    id: str = ""
    """Its number or name in the file."""
    overlaps: bool = False
    """It begins before one above it has ended."""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return joined(self.lines)


@dataclass(frozen=True, slots=True)
class Captions:
    """A file of captions, read."""

    captions: tuple[Caption, ...]
    kind: Kind
    encoding: str
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()


def read(data: bytes, manners: Manners | None = None, *, encoding: str | None = None, order: bool = False) -> Captions:
    """The captions of a file. Raises BadCaptions and UnreadableText.

    Args:
        order: put captions in the order of their times, instead of calling the wrong order a mistake.
    """
    found = scan(data, manners, encoding=encoding, order=order)
    if found.mistakes:
        raise BadCaptions(found.mistakes)
    return found


def scan(data: bytes, manners: Manners | None = None, *, encoding: str | None = None, order: bool = False) -> Captions:
    """What can be read of a file, with its mistakes. Raises UnreadableText."""
    text, name = decoded(data, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kind: Kind = "vtt" if re.match(r"\s*WEBVTT(?:\s|$)", text) else "srt"
    scanner = Scanner(text.split("\n"), kind)
    scanner.run()
    captions = list(_said(scanner, manners or Manners()))
    if not captions and not scanner.mistakes:
        scanner.mistakes.append(Mistake(1, "no caption has words to speak" if scanner.warnings else _nothing(text)))
    captions = _in_order(captions, scanner, order=order)
    return Captions(tuple(captions), kind, name, tuple(sorted(scanner.mistakes)), tuple(sorted(scanner.warnings)))


def told(mistakes: Iterable[Mistake], what: str) -> list[str]:
    """Mistakes or warnings in words, no more than anybody reads."""
    every = list(mistakes)
    rest = [f"and {len(every) - TOLD} more {what}"] if len(every) > TOLD else []
    return [*map(str, every[:TOLD]), *rest]


def _said(scanner: Scanner, manners: Manners) -> Iterable[Caption]:
    """The captions that say anything."""
    noted = list[int]()
    for block in scanner.blocks:
        if block.times is None:
            continue
        said = dialogue(block.lines, manners)
        if said.lines and has_words(said.text):
            _others(block, said, scanner)
            yield Caption(block.times.start_ms, block.times.end_ms, said.lines, said.speaker, block.line, block.id)
        elif said.noted:
            noted.append(block.line)
        else:
            scanner.warnings.append(Mistake(block.line, "a caption without words is left out"))
    if noted:
        several = f"{len(noted)} captions hold notes or music only, and are left out"
        single = "the caption holds notes or music only, and is left out"
        scanner.warnings.append(Mistake(noted[0], several if len(noted) > 1 else single))


def _others(block: Block, said: Dialogue, scanner: Scanner) -> None:
    if said.others:
        who = ", ".join(repr(name) for name in said.others)
        first = repr(said.speaker) if said.speaker else "whoever speaks first, and is not named,"
        message = f"{first} says all of the caption, and {who} nothing: give each a caption of their own"
        scanner.warnings.append(Mistake(block.line, message))


def _in_order(captions: list[Caption], scanner: Scanner, *, order: bool) -> list[Caption]:
    """By their times; what is out of order or overlaps is told."""
    for before, caption in pairwise(captions):
        if caption.start_ms < before.start_ms and not order:
            message = f"begins at {shown(caption.start_ms)}, before the caption above it at {shown(before.start_ms)}: "
            scanner.mistakes.append(Mistake(caption.line, message + "put them in order, or ask for it with `sort`"))
    ordered, until, above = list[Caption](), 0, 0
    for caption in sorted(captions, key=lambda caption: caption.start_ms):
        if caption.start_ms < until:
            message = (
                f"begins at {shown(caption.start_ms)}, while the caption of line {above} is on until {shown(until)}"
            )
            scanner.warnings.append(Mistake(caption.line, message))
            caption = replace(caption, overlaps=True)
        if caption.end_ms > until:
            until, above = caption.end_ms, caption.line
        ordered.append(caption)
    return ordered


def _nothing(text: str) -> str:
    """What is said of a file without any caption."""
    for look, name in _FOREIGN:
        if look.match(text):
            return f"this is {name}: save it as SRT or VTT"
    return (
        f"no captions: in SRT each has a number, a line such as {example('srt')}, and its words"
        if text.strip()
        else "it is empty"
    )
