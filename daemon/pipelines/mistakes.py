from __future__ import annotations

from typing import Final

from daemon.faults import Detail, InputMistake
from daemon.text.books.book import BadBook

# An input can hold a mistake in every line; nobody reads more than this many.
MOST_TOLD: Final = 50


class Mistakes:
    """Collects what is wrong; places are told as `line 3, column voice`."""

    def __init__(self) -> None:
        self._told: list[Detail] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def tell(self, where: str, message: str) -> None:
        """One more."""
        self._count += 1
        if self._count <= MOST_TOLD:
            self._told.append(Detail(_whole(where), _whole(message)))

    def book(self, error: BadBook) -> None:
        """All that is wrong with a file."""
        for problem in error.problems:
            self.tell(problem.where, problem.message)

    def see(self) -> None:
        """Raises InputMistake when there was anything."""
        if self:
            raise self.mistake()

    def mistake(self) -> InputMistake:
        """All of them as one."""
        details = list(self._told)
        if self._count > MOST_TOLD:
            details.append(Detail("", f"and {self._count - MOST_TOLD} more"))
        first = details[0]
        told = f"{first.path}: {first.message}" if first.path else first.message
        more = f" (and {self._count - 1} more)" if self._count > 1 else ""
        return InputMistake(told + more, details)


def _whole(text: str) -> str:
    """What can be sent: JSON may hold halves of characters."""
    return text.encode("utf-8", "replace").decode()
