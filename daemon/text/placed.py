"""A cleaner that tells where each part of the cleaned text stood in the text as typed."""

from __future__ import annotations

from daemon.text.clean import Cleaner
from daemon.text.prose import TracedProse
from daemon.text.traced import Traced


class TracedCleaner:
    """A cleaner that tells where in the text it was fed each part of what it returns stood."""

    def __init__(self) -> None:
        self._prose = TracedProse()
        self._cleaner = Cleaner(self._prose)

    def feed(self, text: str) -> Traced:
        """What can be said of the text so far and was not returned before."""
        return self._taken(self._cleaner.feed(text))

    def flush(self) -> Traced:
        """The writer has fallen silent: a sentence that ends in an address or before a possible picture goes out."""
        return self._taken(self._cleaner.flush())

    def finish(self) -> Traced:
        """The rest; the cleaner is as new afterwards."""
        rest = self._taken(self._cleaner.finish())
        TracedCleaner.__init__(self)
        return rest

    def _taken(self, text: str) -> Traced:
        return Traced(text, self._prose.taken if text else [])


def clean_traced(text: str) -> Traced:
    """A whole text at once, and where its parts stood."""
    cleaner = TracedCleaner()
    return Traced.joined([cleaner.feed(text), cleaner.finish()]).stripped()
