"""Which column of a table is what, under all the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from daemon.pipelines.fields import RANGES
from daemon.pipelines.mistakes import Mistakes

COLUMNS: Final = ("id", "text", "voice", "speaker", "language", "instruct", "emotion", "filename", "seed", *RANGES)

_ALIASES: Final = {
    "key": "id", "lineid": "id", "stringid": "id", "identifier": "id", "nr": "id", "line": "text", "dialogue": "text",
    "dialog": "text", "string": "text", "content": "text", "subtitle": "text", "words": "text", "voiceid": "voice",
    "voicename": "voice", "character": "speaker", "npc": "speaker", "actor": "speaker", "role": "speaker", "lang": "language",
    "locale": "language", "instruction": "instruct", "instructions": "instruct", "direction": "instruct", "style": "instruct",
    "mood": "emotion", "tone": "emotion", "file": "filename", "path": "filename", "output": "filename", "rate": "speed",
    "tempo": "speed", "volume": "gain",
}  # fmt: skip
_PLAIN: Final = re.compile(r"[\s_\-.]+")


def columns(names: Sequence[str], given: Mapping[str, str], mistakes: Mistakes) -> Mapping[str, str]:
    """The file's name of each column to ours; one that is none of ours keeps its own. `given` goes before what is usual."""
    own = {_key(name): meant for name, meant in given.items()}
    for name in set(own) - {_key(name) for name in names}:
        mistakes.tell(f"columns.{name}", f"the input has no such column; it has {', '.join(names)[:200] or 'none'}")
    found: dict[str, str] = {}
    for name in names:
        key = _key(name)
        found[name] = own.get(key) or (key if key in COLUMNS else _ALIASES.get(key, name))
    found = _without_second_names(found)
    taken: dict[str, str] = {}
    for name in names:
        if found[name] in taken:
            mistakes.tell("the header", f"{taken[found[name]]!r} and {name!r} are both the column {found[name]}")
        taken[found[name]] = name
    if names and "text" not in found.values():
        told = f"there is no column text, and `columns` names none; there are {', '.join(names)[:200]}"
        mistakes.tell("the header", told)
    return found


def _without_second_names(found: dict[str, str]) -> dict[str, str]:
    """Where a column has our own name, another that could be it is one of its own."""
    exact = {meant for name, meant in found.items() if _key(name) == meant}
    return {name: name if meant in exact and _key(name) in _ALIASES else meant for name, meant in found.items()}


def _key(name: str) -> str:
    return _PLAIN.sub("", name).casefold()
