"""A small subset of SSML: the same events as from tags, by a parser that reads as the text comes and expands nothing.

Known are `speak p s break prosody say-as sub voice lang phoneme emphasis mark`, the five entities of XML and numbers. A text
type, an entity's declaration, a processing instruction and what is too deep or too long are refused in every mode, and so is
XML that is broken; an element that is not known is a mistake in strict mode, otherwise its words are said with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from daemon.text import elements
from daemon.text.score import BadMarkup, Event, Manner, Mode
from daemon.text.source import Source
from daemon.text.stage import UNCHANGED, Stage

# Real ones are nested five deep: speak, p, s, voice, prosody.
DEPTH_LIMIT: Final = 32
# A tag, a comment or an entity: the longest aliases are a sentence. What is longer is never shown to be whole.
TOKEN_LIMIT: Final = 4096
# What stands for so many attributes says nothing of speech.
ATTRIBUTE_LIMIT: Final = 16

_CDATA: Final = "<![CDATA["
_BLANK: Final = " \t\r\n"
_BLANKS: Final = re.compile(r"[ \t\r\n]{2,}|[\t\r\n]")


class SsmlReader:
    """The reader of a document that begins with `<speak`, after blanks, a byte order mark or an XML declaration.

    One that ends too early is a mistake in strict mode and remarked upon otherwise: all its words are there.
    """

    def __init__(self, mode: Mode = "auto") -> None:
        self._mode: Mode = mode
        self._source = Source()
        self._stage = Stage(strict=mode == "strict", where=self._source.where)
        self._parser = self._new_parser()
        self._error: BadMarkup | None = None
        self._begun = self._over = False
        self._open: list[str] = []
        self._token = 0
        """Where what may still be too long begins."""
        self._blank = True
        """A blank was said last, or nothing yet."""
        self._broken = True
        """A sentence ended, and nothing was said since."""
        self._literal = False
        """Inside CDATA."""
        self._instead: tuple[str, int, int] | None = None
        """What is said for the words of an element, how deep it is, and where they begin."""

    def feed(self, text: str) -> list[Event]:
        """What is certain now. Raises BadMarkup, after all that stands before the mistake was given."""
        return self._guarded(text, final=False)

    def flush(self) -> list[Event]:
        """Nothing is held back but half a tag."""
        return []

    def finish(self) -> list[Event]:
        """The rest. The reader is as new afterwards. Raises BadMarkup."""
        try:
            events, error = self._guarded("", final=True), self._error
        finally:
            SsmlReader.__init__(self, self._mode)
        if error:
            raise error
        return events

    def _guarded(self, text: str, *, final: bool) -> list[Event]:
        if self._error is None:
            try:
                self._end() if final else self._run(text)
            except BadMarkup as error:
                self._error = error
        events = self._stage.take()
        if self._error and not events:
            raise self._error
        return events

    def _run(self, text: str) -> None:
        if not self._begun:  # blanks before the XML declaration are broken XML, and everywhere in what people paste
            skipped = len(text) - len(text.lstrip("\ufeff" + _BLANK))
            self._token = self._source.skip(text[:skipped])
            text = text[skipped:]
        if not text:
            return
        self._begun = True
        try:
            self._parser.Parse(self._source.feed(text), False)
        except expat.ExpatError as error:
            raise self._broken_xml(error) from None
        self._bounded(self._source.end)

    def _end(self) -> None:
        """The document has ended, maybe before its end: what was cut off in the middle of a tag is not said."""
        if self._over or not self._begun:
            return
        at = self._source.end
        inside = f" inside <{self._open[-1]}>" if self._open else ""
        self._replace(at)
        self._stage.mistake(f"the SSML ends{inside} without </speak>", at)

    # --- what the parser finds --------------------------------------------------------------------------------------

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        if hasattr(parser, "SetReparseDeferralEnabled"):  # it would hold back what is whole; tags are short here
            parser.SetReparseDeferralEnabled(False)
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._words
        parser.DefaultHandlerExpand = self._unsaid
        parser.StartCdataSectionHandler = lambda: self._cdata(_CDATA)
        parser.EndCdataSectionHandler = lambda: self._cdata("")
        parser.StartDoctypeDeclHandler = self._refuse("a document type (<!DOCTYPE …>)")
        parser.EntityDeclHandler = self._refuse("the declaration of an entity (<!ENTITY …>)")
        parser.ExternalEntityRefHandler = self._refuse("an external entity")
        parser.SkippedEntityHandler = self._refuse("an entity that XML does not know by itself")
        parser.ProcessingInstructionHandler = self._refuse("a processing instruction (<?…?>)")
        return parser

    def _refuse(self, what: str) -> Callable[..., int]:
        def refuse(*_: object) -> int:
            raise self._mistaken(f"SSML may not hold {what}: leave it out", self._source.place(self._parser))

        return refuse

    def _unsaid(self, data: str) -> None:
        """A comment, the XML declaration, blanks outside of everything."""
        at = self._source.place(self._parser)
        self._bounded(at if data.isspace() else at + len(data))
        self._token = at + len(data)

    def _cdata(self, opening: str) -> None:
        self._token = self._source.place(self._parser) + len(opening or "]]>")
        self._literal = bool(opening)

    def _starts(self, name: str, attributes: Mapping[str, str]) -> None:
        at = self._tag()
        self._open.append(name)
        if len(self._open) > DEPTH_LIMIT:
            raise self._mistaken(f"elements are nested deeper than {DEPTH_LIMIT}", at)
        if len(attributes) > ATTRIBUTE_LIMIT:
            raise self._mistaken(f"<{name}> has more than {ATTRIBUTE_LIMIT} attributes", at)
        if len(self._open) == 1 and name != "speak":
            raise self._mistaken(f"SSML begins with <speak>, not with <{name[:40]}>", at)
        change = UNCHANGED
        if self._stage.counts(at) and self._instead is None:
            try:
                change = self._obey(name, attributes, at)
            except ValueError as error:
                if isinstance(error, BadMarkup):
                    raise
                self._stage.mistake(str(error), at)
        self._stage.open(name, change)

    def _obey(self, name: str, attributes: Mapping[str, str], at: int) -> Manner:
        """Do what an element's beginning asks for; how its words are to be said."""
        if name in elements.SENTENCES:
            self._end_sentence(at)
        elif name == "break":
            self._stage.pause(elements.silence(attributes), at)
        elif name in elements.REPLACED:
            self._instead = (elements.replacement(name, attributes), len(self._open), -1)
        return elements.change(name, attributes)

    def _ends(self, name: str) -> None:
        at = self._tag()
        if self._instead and self._instead[1] == len(self._open):
            self._replace(at)
        self._open.pop()
        self._stage.close(name)
        self._over = not self._open
        if name in elements.SENTENCES:
            self._end_sentence(at)

    def _words(self, data: str) -> None:
        at = self._token = self._source.place(self._parser)
        size = len(data)
        until = self._source.until(at, data, self._literal)
        if until - at != size:
            self._bounded(until)
        self._token = until
        if self._instead is not None:
            said, depth, start = self._instead
            self._instead = (said, depth, at if start < 0 else start)
        elif data == "\n" or not data.strip(_BLANK):
            self._say_blank(at)
        elif until - at != size or not _BLANKS.search(data):
            self._say(data, at, until)
        else:
            self._say_text(data, at)

    # --- what is said -----------------------------------------------------------------------------------------------

    def _say_text(self, text: str, at: int) -> None:
        """Words as they stand in the source."""
        done = 0
        for blanks in _BLANKS.finditer(text):
            start, end = blanks.span()
            self._say(text[done:start], at + done, at + start)
            self._say_blank(at + start)
            done = end
        self._say(text[done:], at + done, at + len(text))

    def _say(self, text: str, at: int, until: int) -> None:
        """Words, with one blank between two, and none where a sentence begins."""
        if self._blank and text[:1] == " ":
            text, at = text[1:], at + 1
        if text:
            self._stage.say(text, at, until)
            self._blank, self._broken = text[-1] == " ", False

    def _say_blank(self, at: int) -> None:
        """The first of several blanks stands for all, wherever the text is cut."""
        if not self._blank:
            self._stage.say(" ", at, at + 1)
            self._blank = True

    def _end_sentence(self, at: int) -> None:
        if not self._broken:
            self._stage.say("\n\n", at, at)
        self._blank = self._broken = True

    def _replace(self, at: int) -> None:
        """The words that are said instead of an element's, which ends here."""
        if self._instead:
            said, _, start = self._instead
            self._instead = None
            self._say(said, at if start < 0 else start, at)

    # --- places and mistakes ----------------------------------------------------------------------------------------

    def _tag(self) -> int:
        """Where the tag begins that the parser has found. Raises BadMarkup when it is too long."""
        at = self._source.place(self._parser)
        self._token, end = at, self._source.end_of_tag(at)
        self._bounded(end)
        self._token = end
        return at

    def _bounded(self, end: int) -> None:
        if end - self._token > TOKEN_LIMIT:
            raise self._too_long()

    def _too_long(self) -> BadMarkup:
        return self._mistaken(f"a tag, a comment or an entity is longer than {TOKEN_LIMIT} characters", self._token)

    def _broken_xml(self, error: expat.ExpatError) -> BadMarkup:
        at = self._source.place_of_error(self._parser)
        rest = self._source.between(self._token, at)
        if rest.endswith("]]") and rest[0] not in "<&" and self._instead is None:
            self._say_text(rest[:-2], self._token)  # the parser passes over the words before a "]]>" that ends nothing
        what = expat.ErrorString(error.code)
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
            what = "only &amp; &lt; &gt; &quot; &apos; and numbers such as &#8211; are known in SSML"
        return self._mistaken(f"the SSML is broken: {what}", at)

    def _mistaken(self, message: str, at: int) -> BadMarkup:
        return BadMarkup(message, at, self._source.where(at))
