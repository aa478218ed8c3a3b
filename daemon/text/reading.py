"""The way into a marked text: plain, with tags, or SSML, told by its mode and by how it begins."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.markup import PlainReader, TagReader
from daemon.text.score import Event, Mode, Reader, merged
from daemon.text.ssml import SsmlReader

# As far as a text is waited for to tell what it is: blanks and an XML declaration are shorter.
_WAITED_FOR: Final = 200
_SSML: Final = re.compile(r"[\ufeff \t\r\n]*(?:<\?xml[ \t\r\n]|<!DOCTYPE[ \t\r\n]+speak\b|<speak[ \t\r\n/>])")
_SSML_PART: Final = re.compile(
    r"[\ufeff \t\r\n]*(?:<(?:\?(?:x(?:ml?)?)?|s(?:p(?:e(?:ak?)?)?)?|"
    r"!(?:D(?:O(?:C(?:T(?:Y(?:P(?:E(?:[ \t\r\n]+(?:s(?:p(?:e(?:ak?)?)?)?)?)?)?)?)?)?)?)?)?)?)?"
)


class _Told:
    """Waits until the text tells which reader it wants, and is that one from then on."""

    def __init__(self, mode: Mode) -> None:
        self._mode: Mode = mode
        self._held = ""
        self._reader: Reader | None = None

    def feed(self, text: str) -> list[Event]:
        if self._reader is None:
            self._held += text
            if len(self._held) < _WAITED_FOR and _SSML_PART.fullmatch(self._held):
                return []
            text = self._held
        return self._chosen().feed(text)

    def flush(self) -> list[Event]:
        return self._reader.flush() if self._reader else []

    def finish(self) -> list[Event]:
        begun, held, reader = self._reader is not None, self._held, self._chosen()
        self._held, self._reader = "", None
        return reader.finish() if begun else [*reader.feed(held), *reader.finish()]

    def _chosen(self) -> Reader:
        if self._reader is None:
            begins = _SSML.match(self._held[:_WAITED_FOR])
            self._reader, self._held = (SsmlReader if begins else TagReader)(self._mode), ""
        return self._reader


def reader(mode: Mode) -> Reader:
    """The reader for a text of this mode; a text that begins with `<speak` is SSML wherever tags are."""
    return PlainReader() if mode == "off" else _Told(mode)


def read(text: str, mode: Mode) -> list[Event]:
    """All that a whole text asks for. Raises BadMarkup."""
    reading = reader(mode)
    return merged([*reading.feed(text), *reading.finish()])
