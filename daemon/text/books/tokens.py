"""HTML as a row of tokens, however broken it is: in linear time, and nothing but these four kinds.

The standard library's parser fails on some broken markup and takes quadratic time for other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

# A tag with quotes in it is looked through so far; what is longer holds a picture and ends at the next ">".
_LONGEST_TAG: Final = 8192

_NAME: Final = re.compile(r"</?([A-Za-z][^\s/<>]*)")
_TAG_REST: Final = re.compile(r"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
# What they hold is text up to their own end, whatever it looks like.
_RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp", "noembed", "noframes"})
_READ: Final = frozenset({"textarea", "title"})


@dataclass(frozen=True, slots=True)
class Text:
    """Words, with their entities read."""

    text: str


@dataclass(frozen=True, slots=True)
class Start:
    """A tag that opens an element; names are lower case, without a prefix of XML's."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    """`<br/>`: in XHTML the element is over."""
    at: int = 0
    """Where it stands in the source."""


@dataclass(frozen=True, slots=True)
class End:
    """A tag that closes one."""

    name: str


Token = Text | Start | End


def tokens(source: str) -> Iterator[Token]:
    """Everything in the source, in order; comments, declarations and scripts aside."""
    at, last = 0, source.rfind(">")
    while at < len(source):
        opening = source.find("<", at)
        if opening < 0 or opening > last:  # no tag can end any more
            yield Text(html.unescape(source[at:]))
            return
        if opening > at:
            yield Text(html.unescape(source[at:opening]))
        if source.startswith(("<!", "<?"), opening):
            text, at = _declaration(source, opening)
            if text:
                yield Text(text)
            continue
        name = _NAME.match(source, opening)
        if name is None:
            yield Text("<")
            at = opening + 1
            continue
        at = _tag_end(source, name.end())
        called = name[1].lower().rpartition(":")[2]
        if source[opening + 1] == "/":
            yield End(called)
            continue
        inside = source[name.end() : at - 1]
        tag = Start(called, _attributes(inside), inside.endswith("/"), opening)
        yield tag
        if called in _RAW and not tag.closed:
            text, at = _raw(source, at, called)
            if called in _READ:
                yield Text(html.unescape(text))
            yield End(called)


def _declaration(source: str, at: int) -> tuple[str, int]:
    """The text of a CDATA section, and where what is no tag ends."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 2)
        return "", len(source) if end < 0 else end + 3
    if source.startswith("<![CDATA[", at):
        end = source.find("]]>", at)
        return source[at + 9 : end if end >= 0 else len(source)], len(source) if end < 0 else end + 3
    return "", _tag_end(source, at)


def _tag_end(source: str, at: int) -> int:
    """Behind the ">" that closes the tag; there is one."""
    end = _TAG_REST.match(source, at, at + _LONGEST_TAG)
    return end.end() if end else source.find(">", at) + 1


def _raw(source: str, at: int, name: str) -> tuple[str, int]:
    """What stands in the element, and where its end tag is over."""
    end = re.compile(rf"</{name}(?=[\s/>])[^>]*>?", re.IGNORECASE).search(source, at)
    return (source[at : end.start()], end.end()) if end else (source[at:], len(source))


def _attributes(inside: str) -> dict[str, str]:
    """The first of each name counts; a prefix of XML's stays, as in `epub:type`."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(inside):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), html.unescape(value))
    return found
