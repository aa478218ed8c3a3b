"""Takes joined to one sound: one after the other, faded into each other, or each at its place on a timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from outputs.decoder import UnreadableAudio
from outputs.mixing import Mix, Placed, Span
from outputs.reading import length


@dataclass(frozen=True, slots=True)
class Part:
    """A file and how it joins what follows."""

    path: Path
    pause_ms: int = 0
    """Silence after it; below zero the next one begins that long before it ends, and both are heard."""
    crossfade_ms: int = 0
    """How long it fades into the next one, at equal power; no more than half of either."""
    start_ms: int | None = None
    """Where it begins in the result; None is after the part before."""
    gain: float = 0.0
    """Decibels."""


class Assembly:
    """A Sound of parts, mixed where they overlap; where each is in it is known before it is read."""

    def __init__(self, parts: Sequence[Part], sample_rate: int) -> None:
        """Reads how long the parts are. Raises UnreadableAudio, OSError, and ValueError for joins that cannot be."""
        placed = _placed(parts, sample_rate)
        self.spans: tuple[Span, ...] = tuple(one.span for one in placed)
        """Of each part, in the order of the parts."""
        # With the silence after each, the last one's too.
        pauses = [max(0, _samples(part.pause_ms, sample_rate)) for part in parts]
        samples = max((span.end + pause for span, pause in zip(self.spans, pauses, strict=True)), default=0)
        self._mix = Mix(placed, samples, sample_rate)

    @property
    def sample_rate(self) -> int:
        """As asked for."""
        return self._mix.sample_rate

    @property
    def samples(self) -> int:
        """Of all of it, with the silence after the last part."""
        return self._mix.samples

    def __iter__(self) -> Iterator[bytes]:
        """As Mix."""
        return iter(self._mix)

    def stem(self, numbers: Collection[int]) -> Mix:
        """These parts alone, counted from 0, at the same places in as much time."""
        placed = [self._mix.placed[number] for number in sorted(numbers)]
        return Mix(placed, self.samples, self.sample_rate)


def _placed(parts: Sequence[Part], sample_rate: int) -> list[Placed]:
    known = dict[Path, int]()  # a jingle between chapters is one file in many places
    counts = [_length(part.path, sample_rate, known) for part in parts]
    placed, begin, fade_in = list[Placed](), 0, 0
    for number, (part, count) in enumerate(zip(parts, counts, strict=True)):
        _check(number + 1, part, parts[number + 1 : number + 2])
        if part.start_ms is not None:
            begin = _samples(part.start_ms, sample_rate)
        room = min([count, *counts[number + 1 : number + 2]]) // 2 if number + 1 < len(parts) else 0
        fade_out = min(_samples(part.crossfade_ms, sample_rate), room)
        placed.append(Placed(part.path, Span(begin, begin + count), part.gain, fade_in, fade_out))
        begin, fade_in = max(0, begin + count - fade_out + _samples(part.pause_ms, sample_rate)), fade_out
    return placed


def _check(number: int, part: Part, after: Sequence[Part]) -> None:
    """Refuse what contradicts itself."""
    if part.crossfade_ms < 0:
        raise ValueError(f"part {number} fades for {part.crossfade_ms} ms; 0 or more is wanted")
    if part.start_ms is not None and part.start_ms < 0:
        raise ValueError(f"part {number} begins {-part.start_ms} ms before the result does")
    if part.crossfade_ms and (part.pause_ms or any(other.start_ms is not None for other in after)):
        raise ValueError(
            f"part {number} fades into the next one, so there can be no pause and no fixed start between them"
        )


def _length(path: Path, sample_rate: int, known: dict[Path, int]) -> int:
    if path not in known:
        try:
            known[path] = length(path, sample_rate)
        except UnreadableAudio as error:
            raise UnreadableAudio(f"{path.name}: {error}") from error
    return known[path]


def _samples(ms: int, sample_rate: int) -> int:
    return round(ms * sample_rate / 1000)
