"""What both readers of markup do with what they have understood: manners inside manners, words, pauses, remarks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from daemon.text import amounts
from daemon.text.score import BadMarkup, Event, Manner, Pause, Remark, Said

# A dialogue whose voices are never closed goes on for ever; of those around a word, so many can be gone back to.
MAX_DEPTH: Final = 32
# A text of two hours has about 3000 sentences: whoever changes the manner more often than this sends no text.
MAX_TAGS: Final = 20_000
# Somebody reads them.
MAX_REMARKS: Final = 50

# What `say as` can be: said character by character here, or left to whoever reads numbers.
SPELLED: Final = frozenset({"digits", "spell", "characters", "spell-out", "verbatim", "telephone"})
HINTS: Final = frozenset({"cardinal", "ordinal", "number", "date", "time", "currency", "unit", "fraction", "address"})

# As the request says; or, for words inside others, as those.
UNCHANGED: Final = Manner()


class Stage:
    """Takes what happens in a marked text and keeps it as events until they are taken."""

    def __init__(self, *, strict: bool, where: Callable[[int], str] = lambda at: f"character {at + 1}") -> None:
        """`where` tells a place in the text in words."""
        self._strict, self._where = strict, where
        self._events: list[Event] = []
        self._around: deque[tuple[str, Manner, bool]] = deque(maxlen=MAX_DEPTH)
        """The open ones, the innermost last: its name, and what to go back to."""
        self._manner, self._spelling = UNCHANGED, False
        self._verbatim: list[str] = []
        """Words of the source that are no event yet, one after the other, and where they stand."""
        self._at, self._until = 0, -1
        self._last = ""
        """The last character that was said."""
        self._apart = False
        """Spelling is over: a word that follows it at once does not touch it."""
        self._tags = self._remarks = 0

    def take(self) -> list[Event]:
        """What came since the last call."""
        self._settle()
        events, self._events = self._events, []
        return events

    def say(self, text: str, at: int, until: int) -> None:
        """Words for what stands from `at` until there; none are said of nothing."""
        if not text:
            return
        if self._spelling:
            self._spell(text, at, until)
        else:
            if self._apart and text[0].isalnum() and self._last.isalnum():
                self._put(Said(" ", at, at, self._manner))
            if len(text) != until - at:
                self._put(Said(text, at, until, self._manner))
            else:
                if self._until != at:
                    self._settle()
                    self._at = at
                self._verbatim.append(text)
                self._until = until
        self._apart, self._last = False, text[-1]

    def _put(self, event: Event) -> None:
        self._settle()
        self._events.append(event)

    def _settle(self) -> None:
        """Words that stood next to each other are one event."""
        if self._verbatim:
            self._events.append(Said("".join(self._verbatim), self._at, self._until, self._manner))
            self._verbatim.clear()
        self._until = -1

    def pause(self, seconds: float, at: int) -> None:
        """Silence, cut to the longest pause."""
        if seconds > amounts.MAX_PAUSE_S:
            self.mistake(f"a pause of {seconds:g} s is longer than {amounts.MAX_PAUSE_S:g} s", at)
            seconds = amounts.MAX_PAUSE_S
        if seconds > 0:
            self._put(Pause(seconds, at))

    def open(self, name: str, change: Manner) -> None:
        """From here on in this manner as well: rates multiply, pitch and gain add, everything else takes the place."""
        self._settle()
        self._around.append((name, self._manner, self._spelling))
        if change is not UNCHANGED:
            self._manner = _within(self._manner, change)
        self._spelling = self._spelling or change.hint in SPELLED

    def close(self, name: str) -> bool:
        """Back to before the innermost one of this name, and of all that were opened inside it; False when none is open."""
        if not self._around or (self._around[-1][0] != name and all(name != around[0] for around in self._around)):
            return False
        self._settle()
        spelling, found = self._spelling, ""
        while found != name:
            found, self._manner, self._spelling = self._around.pop()
        self._apart = self._apart or (spelling and not self._spelling)
        return True

    def counts(self, at: int) -> bool:
        """Whether another tag may be obeyed."""
        self._tags += 1
        if self._tags == MAX_TAGS + 1:
            self.mistake(f"there are more than {MAX_TAGS} tags; the others are passed over", at)
        return self._tags <= MAX_TAGS

    def mistake(self, message: str, at: int) -> None:
        """Note what cannot be obeyed. Raises BadMarkup where that is a mistake."""
        if self._strict:
            raise BadMarkup(message, at, self._where(at))
        self._remarks += 1
        if self._remarks < MAX_REMARKS:
            self._put(Remark(message, at))
        elif self._remarks == MAX_REMARKS:
            self._put(Remark("and there is more like this", at))

    def _spell(self, text: str, at: int, until: int) -> None:
        """One blank between two characters that are said."""
        whole = len(text) != until - at
        for place, character in enumerate(text):
            apart = " " if character.isalnum() and self._last.isalnum() else ""
            start, end = (at, until) if whole else (at + place, at + place + 1)
            self._put(Said(apart + character, start, end, self._manner))
            self._last = character


def _within(around: Manner, change: Manner) -> Manner:
    return replace(
        around,
        voice=change.voice or around.voice,
        rate=_held(amounts.MIN_RATE, (around.rate or 1.0) * change.rate, amounts.MAX_RATE)
        if change.rate is not None
        else around.rate,
        pitch=_sum(around.pitch, change.pitch, -amounts.MAX_PITCH, amounts.MAX_PITCH),
        gain=_sum(around.gain, change.gain, amounts.MIN_GAIN, amounts.MAX_GAIN),
        language=change.language or around.language,
        emotion=change.emotion or around.emotion,
        hint=change.hint if change.hint and change.hint not in SPELLED else around.hint,
    )


def _sum(around: float | None, change: float | None, least: float, most: float) -> float | None:
    return around if change is None else _held(least, (around or 0.0) + change, most)


def _held(least: float, value: float, most: float) -> float:
    return min(max(least, value), most)
