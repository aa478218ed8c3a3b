"""From what a language model writes to what a voice can say: markup, addresses and pictures out, words untouched.

A stream may be cut anywhere: every decision is made from a bounded window of what follows, so the result is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from daemon.text import markdown
from daemon.text.markdown import HOLD
from daemon.text.prose import Prose

__all__ = ["HOLD", "Cleaner", "clean"]

_UNDECIDED: Final = -1


class Cleaner:
    """Feed text as it is written, take what can be said; a blank line in the result ends a sentence."""

    def __init__(self, prose: Prose | None = None) -> None:
        """`prose` collects what is said, where more of it is wanted to be known."""
        self._held = ""
        self._passed = 0
        """Characters that were dealt with."""
        self._prose = prose or Prose()
        self._line_start = True
        self._fence = ""
        """The character of the code block's fence, inside one."""
        self._skip = False
        """Inside an address that is longer than HOLD."""
        self._ends = self._row = False
        """The line is a heading, an item or a row: its end ends a sentence."""

    def feed(self, text: str) -> str:
        """What can be said of the text so far and was not returned before."""
        return self._run(text, final=False)

    def flush(self) -> str:
        """The writer has fallen silent: a sentence that ends in an address or before a possible picture goes out."""
        return self._run("", final=True) if markdown.ENDS_QUIETLY.fullmatch(self._held) else ""

    def finish(self) -> str:
        """The rest; the cleaner is as new afterwards."""
        rest = self._run("", final=True)
        Cleaner.__init__(self)
        return rest

    def _run(self, text: str, *, final: bool) -> str:
        text, at, prose, passed = self._held + text, 0, self._prose, self._passed
        while at < len(text):
            prose.at = passed + at
            step = self._step(text, at, final)
            if step == _UNDECIDED:
                break
            at = step
        self._held = text[at:]
        self._passed += at
        return self._prose.take()

    def _step(self, text: str, at: int, final: bool) -> int:
        """Deal with what stands at `at`: where it ends, or _UNDECIDED."""
        if self._fence:
            return self._code(text, at, final)
        if self._line_start and text[at].isalpha():
            self._line_start = False  # as most lines begin
        elif self._line_start:
            return self._begin_line(text, at, final)
        if self._skip:
            return self._skip_address(text, at)
        handler = _HANDLERS.get(text[at])
        maybe_plain = handler is None or handler is Cleaner._address
        if maybe_plain and (plain := markdown.PLAIN.match(text, at)):
            self._prose.say(plain[0])
            return plain.end()
        if handler:
            return handler(self, text, at, final)
        if silent := markdown.SILENT_RUN.match(text, at):
            return silent.end()
        blank = markdown.BLANK_RUN.match(text, at)
        self._prose.gap = True
        return blank.end() if blank else at + 1

    # --- lines --------------------------------------------------------------------------------------------------

    def _begin_line(self, text: str, at: int, final: bool) -> int:
        match = markdown.MARGIN.match(text, at)
        assert match is not None
        margin, stop = match[0], match.end()
        full = len(margin) == markdown.MARGIN_LIMIT
        if stop == len(text) and not full and not final:
            return _UNDECIDED
        fence = markdown.FENCE.match(margin)
        if not full and (stop == len(text) or text[stop] == "\n"):  # blank, a rule, a table's underline, a bare fence
            self._prose.end_sentence()
            self._fence = fence[1] if fence else ""
            return stop + 1 if stop < len(text) else stop
        if fence:
            return self._open_fence(text, at + fence.end(), fence[1], final)
        line = markdown.LINE.match(margin)
        assert line is not None
        box = text[stop : stop + 3]
        if (
            not final
            and stop + len(box) == len(text)
            and line["item"]
            and any(b.startswith(box) for b in markdown.BOXES)
        ):
            return _UNDECIDED
        if not final and markdown.NUMERAL_PART.fullmatch(text, stop):
            return _UNDECIDED
        self._line_start = False
        if line.lastgroup or markdown.NUMERAL.match(text, stop):
            self._prose.end_sentence()
            self._ends, self._row = True, line["row"] is not None
        if line["item"] and line.end() == len(margin) and box in markdown.BOXES:
            return stop + 3
        return at + line.end()

    def _newline(self, _text: str, at: int, _final: bool) -> int:
        if self._ends:
            self._prose.end_sentence()
        self._prose.gap = self._line_start = True
        self._ends = self._row = False
        return at + 1

    def _open_fence(self, text: str, at: int, fence: str, final: bool) -> int:
        """After the fence: a label and a line's end make a code block, another fence on this line makes inline code."""
        label = markdown.FENCE_LABEL.match(text, at)
        assert label is not None
        stop, full = label.end(), len(label[0]) == markdown.LABEL_LIMIT
        if stop == len(text) and not full and not final:
            return _UNDECIDED
        if full or text[stop : stop + 1] == "`":
            self._line_start = False
            return at
        self._prose.end_sentence()
        self._fence = fence
        return min(stop + 1, len(text))

    def _code(self, text: str, at: int, final: bool) -> int:
        """Inside a code block: to the end of the line; a line with nothing but the fence closes the block."""
        if not self._line_start:
            end = text.find("\n", at)
            self._line_start = end >= 0
            return end + 1 or len(text)
        match = markdown.FENCE_MARGIN.match(text, at)
        assert match is not None
        stop, full = match.end(), len(match[0]) == markdown.MARGIN_LIMIT
        if stop == len(text) and not full and not final:
            return _UNDECIDED
        closing = markdown.FENCE.match(match[0])
        if closing and closing[1] == self._fence and not full and text[stop : stop + 1] in ("\n", ""):
            self._fence = ""
            return min(stop + 1, len(text))
        self._line_start = False
        return stop

    # --- inside a line ------------------------------------------------------------------------------------------

    def _silence(self, text: str, at: int, _final: bool) -> int:
        """Emphasis and inline code; a product's factors stay apart."""
        prose = self._prose
        prose.factor = prose.factor or prose.before.isdigit()
        return _run_end(text, at)

    def _underscores(self, text: str, at: int, final: bool) -> int:
        """Emphasis at a word's edge, a letter inside a word, a blank to fill in from three on."""
        stop = _run_end(text, at)
        if stop - at > 2:
            self._prose.gap = True
        elif self._prose.before.isalnum():
            if stop == len(text) and not final:
                return _UNDECIDED
            if text[stop : stop + 1].isalnum():
                self._prose.say(text[at:stop])
        return stop

    def _tildes(self, text: str, at: int, final: bool) -> int:
        following = text[at + 1 : at + 2]
        if not following and not final:
            return _UNDECIDED
        if following == "~":
            return at + 2
        self._prose.say("~")
        return at + 1

    def _pipe(self, text: str, at: int, _final: bool) -> int:
        self._prose.comma = self._prose.comma or self._row
        self._prose.gap = True
        return _run_end(text, at)

    def _bang(self, text: str, at: int, final: bool) -> int:
        """A picture starts with one after a blank."""
        following = text[at + 1 : at + 2]
        if not self._prose.before and not following and not final:
            return _UNDECIDED
        if self._prose.before or following != "[":
            self._prose.say("!")
        return at + 1

    def _backslash(self, text: str, at: int, final: bool) -> int:
        following = text[at + 1 : at + 2]
        if not following and not final:
            return _UNDECIDED
        self._prose.gap = self._prose.gap or following.isalnum()
        return at + 1

    def _open_bracket(self, text: str, at: int, final: bool) -> int:
        """A label's words are said; a footnote's mark is not."""
        if len(text) == at + 1 and not final:
            return _UNDECIDED
        if text[at + 1 : at + 2] == "[":
            return _run_end(text, at) - 1
        if note := markdown.NOTE.match(text, at):
            if note.end() == len(text) and len(note[0]) < markdown.LABEL_LIMIT and not final:
                return _UNDECIDED
            if text[note.end() : note.end() + 1] == "]":
                return note.end() + 1
        self._prose.gap = self._prose.gap or self._prose.before.isalnum()
        return at + 1

    def _close_bracket(self, text: str, at: int, final: bool) -> int:
        if target := markdown.TARGET.match(text, at, at + HOLD):
            return target.end()
        if not final and len(text) - at < HOLD and markdown.TARGET_PART.fullmatch(text, at):
            return _UNDECIDED
        self._prose.gap = self._prose.gap or text[at + 1 : at + 2].isalnum()
        return at + 1

    def _angle(self, text: str, at: int, final: bool) -> int:
        if text[at + 1 : at + 2] == "<":
            self._prose.say("<")
            return at + 1
        if tag := markdown.TAG.match(text, at, at + HOLD):
            if tag[0][1:5].lower() in ("http", "www."):
                self._say_host(tag[0][1:-1], 1)
            return tag.end()
        if not final and len(text) - at < HOLD and markdown.TAG_PART.fullmatch(text, at):
            return _UNDECIDED
        self._prose.say("<")
        return at + 1

    def _address(self, text: str, at: int, final: bool) -> int:
        """Of an address the host is said; other words go out as they are."""
        address = None if self._prose.before.isalnum() else markdown.ADDRESS.match(text, at, at + HOLD)
        if address is None:
            start = text[at : at + 8].lower()
            maybe = at + len(start) == len(text) and any(scheme.startswith(start) for scheme in markdown.SCHEMES)
            if maybe and not final and not self._prose.before.isalnum():
                return _UNDECIDED
            self._prose.say(text[at])
            return at + 1
        full = len(address[0]) == HOLD
        if address.end() == len(text) and not full and not final:
            return _UNDECIDED
        rest = address[0][len(address[1]) :].rstrip(".,;:!?'*_~)")
        self._say_host(address[1] + rest, 0)
        self._skip = full
        return address.end() if full else address.end(1) + len(rest)

    def _skip_address(self, text: str, at: int) -> int:
        rest = markdown.ADDRESS_REST.match(text, at)
        assert rest is not None
        self._skip = rest.end() == len(text)
        return rest.end()

    def _say_host(self, address: str, inset: int) -> None:
        host = markdown.HOST.match(address)
        if host and host[1]:
            self._prose.say(host[1], inset + host.start(1))


def clean(text: str) -> str:
    """A whole text at once."""
    cleaner = Cleaner()
    return (cleaner.feed(text) + cleaner.finish()).strip()


def _run_end(text: str, at: int) -> int:
    """Where the run of the character at `at` ends."""
    if text[at + 1 : at + 2] != text[at]:
        return at + 1
    match = markdown.RUN.match(text, at)
    assert match is not None
    return match.end()


_HANDLERS: Final[dict[str, Callable[[Cleaner, str, int, bool], int]]] = {
    "\n": Cleaner._newline,
    "\u2028": Cleaner._newline,
    "\u2029": Cleaner._newline,
    "*": Cleaner._silence,
    "`": Cleaner._silence,
    "_": Cleaner._underscores,
    "~": Cleaner._tildes,
    "|": Cleaner._pipe,
    "!": Cleaner._bang,
    "\\": Cleaner._backslash,
    "[": Cleaner._open_bracket,
    "]": Cleaner._close_bracket,
    "<": Cleaner._angle,
    **dict.fromkeys("hHwW", Cleaner._address),
}
