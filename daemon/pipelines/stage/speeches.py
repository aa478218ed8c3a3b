"""A script, line by line, becomes speeches; its grammar is told in `daemon/pipelines/script`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.pipelines.fields import LANGUAGE, MAX_PAUSE_MS
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.stage.attributes import BadAttributes, Value, attributes
from daemon.pipelines.stage.players import Players

# A name has few words; a longer line with a colon in it is what somebody says.
_MOST_WORDS: Final = 5
# Directions before the words of one line.
_MOST_DIRECTIONS: Final = 4

_GIVEN: Final = r"\{(?P<given>(?:[^{}\"]|\"(?:[^\"\\]|\\.)*+\")*+)\}"
_NAME: Final = r"[^\W_][^:：\[\](){}|=,;!?\"“”„«»\n]{0,59}?"
_COLON: Final = re.compile(
    rf"(?P<name>{_NAME})\s*(?:\((?P<how>[^()]{{1,200}})\)\s*)?(?:{_GIVEN}\s*)?(?:\((?P<more>[^()]{{1,200}})\)\s*)?(?::(?=\s|$)|：)\s*"
)
_BRACKET: Final = re.compile(rf"\[(?P<name>{_NAME})\s*\]\s*(?:{_GIVEN}\s*)?")
_GIVEN_INSIDE: Final = re.compile(rf"\[(?P<name>{_NAME})\s*{_GIVEN}\s*\]\s*")
_PAUSE: Final = re.compile(r"\[\s*(?:pause|silence)(?:\s+(\d{1,6}(?:[.,]\d{1,3})?)\s*(ms|s))?\s*\]", re.IGNORECASE)
_DIRECTION: Final = re.compile(r"\(([^()]{1,200})\)\s*")
_WHOLE: Final = re.compile(r"\([^()]*\)[.,;]?|\[[^\[\]]*\]")
_OVERLAP: Final = re.compile(r"(?:^|\s)(?:\^|//)\s*$")
_DIRECTIVE: Final = re.compile(r"@(\w+)\s*(.*)", re.DOTALL)
# Tags of the daemon's own markup: a line that begins with one is words.
_TAGS: Final = re.compile(r"\[/?(?:pause|voice|rate|pitch|gain|lang|emotion|say|sub)\b")


@dataclass(slots=True)
class Speech:
    """What somebody says in one manner."""

    name: str
    given: Mapping[str, Value]
    line: int
    directions: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    begins: bool = True
    """The name stands before it; it does not merely go on after a direction."""
    overlapped: bool = False
    """What comes next begins while this is still heard."""
    rests: list[int | None] = field(default_factory=list)
    """Silences behind it in milliseconds; None is that of a direction."""
    chapter: str = ""


@dataclass(slots=True)
class Facts:
    """What a script says of itself."""

    title: str = ""
    author: str = ""
    language: str | None = None


class Reader:
    """Takes a script; whom it names goes into the players, and what is wrong into the mistakes."""

    def __init__(self, players: Players, mistakes: Mistakes, narrator: str | None, pause_ms: int) -> None:
        self.speeches: list[Speech] = []
        self.facts = Facts()
        self._players, self._mistakes = players, mistakes
        self._narrator, self._pause_ms = narrator, pause_ms
        self._number, self._source = 0, ""
        self._cast: set[str] = set()
        self._in_cast = self._blank = False
        self._chapter = ""
        self._open: Speech | None = None

    def read(self, text: str) -> None:
        """All of it."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for self._number, line in enumerate(lines, 1):
            self._source = line
            self._line(line.rstrip())
        self._close()

    @property
    def _where(self) -> str:
        return f"line {self._number}"

    def _line(self, line: str) -> None:
        bare = line.strip()
        if not bare:
            self._in_cast, self._blank = False, True
        elif bare[0] == "#":
            return
        elif self._in_cast:
            self._member(bare)
        elif bare == "CAST:":
            self._close()
            self._in_cast = True
        elif directive := _DIRECTIVE.fullmatch(bare):
            self._directive(directive[1].lower(), directive[2])
        elif not self._silence(bare):
            self._spoken(line, bare)
            self._blank = False

    # --- what is not spoken ------------------------------------------------------------------------------------------

    def _directive(self, name: str, rest: str) -> None:
        if name == "cast":
            self._member(rest)
        elif name == "alias":
            self._alias(rest)
        elif name == "chapter":
            self._close()
            self._chapter = " ".join(rest.split())
        elif name == "language" and not LANGUAGE.fullmatch(rest.strip()):
            self._mistakes.tell(self._where, f"language is a code such as de or en-GB, not {rest.strip()[:40]!r}")
        elif name in ("title", "author", "language"):
            setattr(self.facts, name, " ".join(rest.split()))
        else:
            known = "@cast, @alias, @chapter, @title, @author and @language"
            self._mistakes.tell(self._where, f"there is no @{name[:40]}; there are {known}")

    def _member(self, text: str) -> None:
        """`NAME = voice, speed=0.9`."""
        name, equals, rest = text.partition("=")
        if not equals or not name.strip():
            self._mistakes.tell(self._where, f"{text[:40]!r} casts nobody; it is written `NAME = VOICE, speed=0.9`")
            return
        given = self._attributes(rest)
        if (key := " ".join(name.split()).casefold()) in self._cast:
            self._mistakes.tell(self._where, f"{name.strip()!r} is cast twice")
        self._cast.add(key)
        self._players.add(name, given)

    def _alias(self, text: str) -> None:
        alias, equals, name = text.partition("=")
        if not (equals and alias.strip() and name.strip()):
            self._mistakes.tell(self._where, "an alias is written `@alias BOB = ROBERT`")
        else:
            self._players.alias(alias.strip(), name.strip(), self._where)

    def _attributes(self, text: str | None) -> Mapping[str, Value]:
        try:
            return attributes(text or "")
        except BadAttributes as error:
            column = self._source.find(text or "") + error.at + 1
            self._mistakes.tell(f"{self._where}, column {column}", str(error))
            return {}

    def _silence(self, bare: str) -> bool:
        """`[pause 2s]`, or a direction that has a line for itself."""
        if pause := _PAUSE.fullmatch(bare):
            self._rest(self._milliseconds(pause[1], pause[2]))
            return True
        if not _WHOLE.fullmatch(bare) or bare[1:-1].strip() in self._players:
            return False
        if bare[0] == "(" and self._open and not self._open.words and not self._blank:
            return False  # it stands under the name whose words it is about
        self._rest(None)
        return True

    def _milliseconds(self, amount: str | None, unit: str | None) -> int:
        if amount is None:
            return self._pause_ms
        milliseconds = round(float(amount.replace(",", ".")) * (1 if (unit or "s").lower() == "ms" else 1000))
        if milliseconds > MAX_PAUSE_MS:
            self._mistakes.tell(self._where, f"a pause lasts at most {MAX_PAUSE_MS // 1000} s")
        return milliseconds

    def _rest(self, milliseconds: int | None) -> None:
        """Silence here; who spoke goes on behind it."""
        name, given = (self._open.name, self._open.given) if self._open else ("", {})
        self._close()
        if self.speeches:
            self.speeches[-1].rests.append(milliseconds)
        if name:
            self._open = Speech(name, given, self._number, begins=False)

    # --- what is spoken ----------------------------------------------------------------------------------------------

    def _spoken(self, line: str, bare: str) -> None:
        if line[0] in " \t\u3000" and self._open:
            self._goes_on(bare)
        elif bare[0] != "\\" and (named := self._named(bare)):
            self._begin(bare, named)
        elif self._narrator and (self._blank or self._open is None):
            self._close()
            self._open = Speech(self._narrator, {}, self._number)
            self._goes_on(bare)
        elif self._open:
            self._goes_on(bare)
        else:
            told = "nobody says this: begin it with `NAME:`, or give `narrator` a name"
            self._mistakes.tell(self._where, told)

    def _named(self, bare: str) -> re.Match[str] | None:
        """The name before the words, where there is one."""
        if bare[0] == "[":
            if _TAGS.match(bare):
                return None
            return _BRACKET.match(bare) or _GIVEN_INSIDE.match(bare)
        named = _COLON.match(bare)
        if named and (len(named["name"].split()) <= _MOST_WORDS or named["name"] in self._players):
            return named
        return None

    def _begin(self, bare: str, named: re.Match[str]) -> None:
        self._close()
        name, found = named["name"].strip(), named.groupdict()
        directions = [" ".join(how.split()) for how in (found.get("how"), found.get("more")) if how]
        self._open = Speech(name, self._attributes(named["given"]), self._number, directions)
        self._say(bare[named.end() :])

    def _goes_on(self, bare: str) -> None:
        """One more line of the same; a direction before its words changes the manner."""
        assert self._open is not None
        if self._open.words and _DIRECTION.match(bare):
            name, given = self._open.name, self._open.given
            self._close()
            self._open = Speech(name, given, self._number, begins=False)
        self._say(bare)

    def _say(self, text: str) -> None:
        assert self._open is not None
        speech = self._open
        if not speech.words:
            for _ in range(_MOST_DIRECTIONS):
                if direction := _DIRECTION.match(text):
                    speech.directions.append(" ".join(direction[1].split()))
                    text = text[direction.end() :]
        if overlap := _OVERLAP.search(text):
            speech.overlapped, text = True, text[: overlap.start()]
        if text := text.removeprefix("\\").strip():
            speech.words.append(text)

    def _close(self) -> None:
        """The open speech is over; one without a line was only a name before a direction."""
        speech, self._open = self._open, None
        if speech is not None and (speech.words or speech.begins):
            speech.chapter, self._chapter = self._chapter, ""
            self.speeches.append(speech)
