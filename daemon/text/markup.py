"""Tags in square brackets, as text is typed: `[pause 500ms]`, `[voice anna]…[/voice]`, `[rate 0.9]`.

What brackets mean elsewhere is never a tag: a link `[text](address)`, a footnote `[^1]`, a box `[x]`, an index `a[i]`, a number
`[1]`; nor is what follows a backslash. A tag holds no bracket and no line's end. A stream may be cut anywhere.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.text.score import BadMarkup, Event, Manner, Mode, Said
from daemon.text.stage import Stage
from daemon.text.tags import CONTAINERS, KNOWN, change, pause, substitute

# The most that is held back while it could still become a tag: the longest are aliases, a sentence at most.
TAG_LIMIT: Final = 200
# What an alias stands for is a word or a name, and is held back as well.
SUBSTITUTED_LIMIT: Final = 100

_UNDECIDED: Final = -1
_SPECIAL: Final = re.compile(r"[\[\\]")
_TAG: Final = re.compile(r"\[(/?)([A-Za-z][A-Za-z-]+)((?:[ \t][^\[\]\n]*)?)\]")
_TAG_PART: Final = re.compile(r"\[(?:/?(?:([A-Za-z][A-Za-z-]*)([ \t][^\[\]\n]*)?)?)?")
_SUBSTITUTED: Final = re.compile(rf"([^\[\]\n]{{0,{SUBSTITUTED_LIMIT}}})\[/sub\]", re.IGNORECASE)
_SUBSTITUTED_PART: Final = re.compile(rf"[^\[\]\n]{{0,{SUBSTITUTED_LIMIT}}}(?:\[(?:/(?:s(?:ub?)?)?)?)?", re.IGNORECASE)
# What an unknown tag must look like to be taken for one: it stands alone, sets something, or gives an amount.
_ARGUMENTS: Final = re.compile(
    r"""\s*(?:(?:[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=]+)\s*)+|[+-]?\d+(?:\.\d+)?\s?(?:ms|s|dB|st|%)\s*|[+-]\d+(?:\.\d+)?\s*)?""",
    re.IGNORECASE,
)


class PlainReader:
    """The reader where nothing is a tag."""

    def __init__(self) -> None:
        self._seen = 0

    def feed(self, text: str) -> list[Event]:
        """All of it, at once."""
        at, self._seen = self._seen, self._seen + len(text)
        return [Said(text, at, self._seen)] if text else []

    def flush(self) -> list[Event]:
        """Nothing was held back."""
        return []

    def finish(self) -> list[Event]:
        """Nothing was held back."""
        self._seen = 0
        return []


class TagReader:
    """The reader of tags in brackets.

    `auto` obeys the tags that it knows; all else in brackets is text. With `on` what looks like a tag and is none, or asks
    for what cannot be, is dropped with a remark; `strict` makes it a mistake. A tag that stays open is open to the end.
    """

    def __init__(self, mode: Mode = "auto") -> None:
        self._mode: Mode = mode
        self._stage = Stage(strict=mode == "strict")
        self._text = ""
        """What is held back or looked at."""
        self._base = 0
        """Characters before it."""
        self._said = 0
        """Up to here it was said."""
        self._tagged = 0
        """Where the last tag ended: what is before does not touch what follows."""
        self._before = ""
        """The character before all that is held back."""
        self._error: BadMarkup | None = None

    def feed(self, text: str) -> list[Event]:
        """What is certain now. Raises BadMarkup, after all that stands before the mistake was given."""
        return self._guarded(text, final=False)

    def flush(self) -> list[Event]:
        """The writer has fallen silent: a whole tag, which might have become a link, is one. Raises BadMarkup."""
        tag = _TAG.fullmatch(self._text)
        return self._guarded("", final=True) if tag and not _opens_sub(tag) else []

    def finish(self) -> list[Event]:
        """The rest. The reader is as new afterwards. Raises BadMarkup."""
        try:
            events, error = self._guarded("", final=True), self._error
        finally:
            TagReader.__init__(self, self._mode)
        if error:
            raise error
        return events

    def _guarded(self, text: str, *, final: bool) -> list[Event]:
        if self._error is None:
            try:
                self._run(text, final)
            except BadMarkup as error:
                self._error = error
        events = self._stage.take()
        if self._error and not events:
            raise self._error
        return events

    def _run(self, text: str, final: bool) -> None:
        self._text, at = self._text + text, 0
        while special := _SPECIAL.search(self._text, at):
            at = special.start()
            step = self._backslash(at, final) if special[0] == "\\" else self._bracket(at, final)
            if step == _UNDECIDED:
                break
            at = step
        else:
            at = len(self._text)
        self._say_to(at)
        if at > self._tagged:
            self._before = self._text[at - 1]
        elif at:
            self._before = ""
        self._text, self._base, self._said, self._tagged = self._text[at:], self._base + at, 0, 0

    def _say_to(self, at: int) -> None:
        """All the text before `at` that was not said yet."""
        self._stage.say(self._text[self._said : at], self._base + self._said, self._base + at)
        self._said = at

    # --- each of these deals with what stands at `at`: where it ends, or _UNDECIDED -----------------------------------

    def _backslash(self, at: int, final: bool) -> int:
        """A bracket after a backslash is a bracket; the backslash goes."""
        following = self._text[at + 1 : at + 2]
        if not following and not final:
            return _UNDECIDED
        if following == "[":
            self._say_to(at)
            self._stage.say("[", self._base + at, self._base + at + 2)
            self._said = at + 2
        return at + 2 if following in ("[", "\\") else at + 1

    def _bracket(self, at: int, final: bool) -> int:
        """A tag, the beginning of one, or text."""
        text = self._text
        tag = _TAG.match(text, at, at + TAG_LIMIT)
        if tag is None:
            part = None if final or len(text) - at >= TAG_LIMIT else _TAG_PART.fullmatch(text, at)
            return _UNDECIDED if part and self._plausible(part) else at + 1
        following = text[tag.end() : tag.end() + 1]
        if not following and not final:
            return _UNDECIDED
        name = tag[2].lower()
        if following == "(" or not self._is_tag(name, tag):
            return at + 1
        content = _SUBSTITUTED.match(text, tag.end()) if _opens_sub(tag) else None
        if _opens_sub(tag) and content is None and not final and _SUBSTITUTED_PART.fullmatch(text, tag.end()):
            return _UNDECIDED
        self._say_to(at)
        if not self._stage.counts(self._base + at):
            return self._dropped(at, tag.end())
        return self._substitute(tag, content) if _opens_sub(tag) else self._obey(name, tag)

    def _plausible(self, part: re.Match[str]) -> bool:
        """Whether half a tag may become one that is not text."""
        if self._mode != "auto" or not part[1]:
            return True
        name = part[1].lower()
        return name in KNOWN if part[2] else any(known.startswith(name) for known in KNOWN)

    def _is_tag(self, name: str, tag: re.Match[str]) -> bool:
        """Whether it is one, to be obeyed or to be dropped; otherwise it is text."""
        if name in KNOWN:
            return True
        at = tag.start()
        before = "" if at == self._tagged and at else self._text[at - 1] if at else self._before
        index = not tag[1] and (before.isalnum() or before in ("_", ")", "]"))
        return self._mode != "auto" and not index and _ARGUMENTS.fullmatch(tag[3]) is not None

    def _obey(self, name: str, tag: re.Match[str]) -> int:
        at = self._base + tag.start()
        if tag[1]:
            self._dropped(tag.start(), tag.end())
            if name not in CONTAINERS:
                self._stage.mistake(f"{tag[0]} is no tag; known are {_known()}", at)
            elif not self._stage.close(name):
                self._stage.mistake(f"{tag[0]} closes nothing: no [{name}] is open", at)
            return tag.end()
        if name not in KNOWN:
            return self._refused(tag, f"{tag[0]} is no tag; known are {_known()}")
        try:
            asked = pause(tag[3]) if name == "pause" else change(name, tag[3])
        except ValueError as error:
            return self._refused(tag, str(error))
        self._dropped(tag.start(), tag.end())
        if isinstance(asked, Manner):
            self._stage.open(name, asked)
        else:
            self._stage.pause(asked, at)
        return tag.end()

    def _substitute(self, tag: re.Match[str], content: re.Match[str] | None) -> int:
        """An alias is said for what stands between the tags."""
        try:
            alias = substitute(tag[3])
        except ValueError as error:
            return self._refused(tag, str(error))
        if content is None:
            return self._refused(tag, f"{tag[0]} has no [/sub] within {SUBSTITUTED_LIMIT} characters of one line")
        self._dropped(tag.start(), content.end())
        self._stage.say(alias, self._base + tag.end(), self._base + content.end(1))
        return content.end()

    def _refused(self, tag: re.Match[str], message: str) -> int:
        """It cannot be obeyed: text, or dropped with what is to be said of it."""
        if self._mode == "auto":
            return tag.start() + 1
        end = self._dropped(tag.start(), tag.end())
        self._stage.mistake(message, self._base + tag.start())
        return end

    def _dropped(self, at: int, end: int) -> int:
        """What is before it is said; the tag is not."""
        self._say_to(at)
        self._said = self._tagged = end
        return end


def _opens_sub(tag: re.Match[str]) -> bool:
    return tag[2].lower() == "sub" and not tag[1]


def _known() -> str:
    return " ".join(f"[{name}]" for name in KNOWN)
