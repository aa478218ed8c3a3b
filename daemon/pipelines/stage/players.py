"""The cast of a script: names, aliases, and what each is given; those who are not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.stage.attributes import Value

# Lines that are told for one name that nobody was cast for.
_LINES_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Player:
    """A name as it is written in the cast."""

    name: str
    given: Mapping[str, Value] = field(default_factory=dict)


class Players:
    """Finds the one who is meant; upper and lower case and blanks make no difference."""

    def __init__(self) -> None:
        self._players: dict[str, Player] = {}
        self._aliases: dict[str, tuple[str, str, str]] = {}
        """The alias as it is written, the name it stands for, and where that was said."""
        self._unknown: dict[str, tuple[str, list[int]]] = {}

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None

    @property
    def names(self) -> list[str]:
        """Of the cast, in its order."""
        return [player.name for player in self._players.values()]

    def add(self, name: str, given: Mapping[str, Value]) -> None:
        """One more; the first who has a name keeps it."""
        self._players.setdefault(_key(name), Player(" ".join(name.split()), given))

    def alias(self, alias: str, name: str, where: str) -> None:
        """Another name for one who is in the cast, or will be."""
        self._aliases.setdefault(_key(alias), (alias, name, where))

    def find(self, name: str) -> Player | None:
        """Who is meant by a name."""
        key, seen = _key(name), set[str]()
        while key not in self._players and key in self._aliases and key not in seen:
            seen.add(key)
            key = _key(self._aliases[key][1])
        return self._players.get(key)

    def miss(self, name: str, line: int) -> None:
        """Somebody speaks who is not in the cast."""
        self._unknown.setdefault(_key(name), (" ".join(name.split()), []))[1].append(line)

    def tell(self, mistakes: Mistakes) -> None:
        """Every name that is missing, and every alias that leads nowhere."""
        for alias, name, where in self._aliases.values():
            if self.find(alias) is None:
                mistakes.tell(where, f"the alias {alias!r} stands for {name!r}, who is not in the cast")
        for name, lines in self._unknown.values():
            mistakes.tell(f"line {lines[0]}", self._missing(name, lines))

    def _missing(self, name: str, lines: list[int]) -> str:
        told = ", ".join(map(str, lines[:_LINES_TOLD])) + (", …" if len(lines) > _LINES_TOLD else "")
        often = f" (lines {told})" if len(lines) > 1 else ""
        near = get_close_matches(name.casefold(), [known.casefold() for known in self.names], n=1)
        meant = next((known for known in self.names if near and known.casefold() == near[0]), None)
        hint = f"is {meant!r} meant?" if meant else f"give them a voice with `@cast {name} = VOICE`"
        if len(name.split()) > 1:
            hint += ", or indent the line if it only goes on"
        return f"{name!r} is not in the cast{often}: {hint}"


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
