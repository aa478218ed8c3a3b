"""Faster or slower, higher or lower, each by itself, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from outputs.blocks import SAMPLE_BYTES, Blocks

if TYPE_CHECKING:
    from av.filter import Graph

# The range of OpenAI's `speed`, which every one of its clients sends.
MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
# Semitones: at an octave a voice is a mouse's or a giant's, and nobody's beyond.
MAX_PITCH: Final = 12.0
# In this range atempo blends overlapping pieces; beyond, it would skip samples, so two are chained.
_STAGE: Final = (0.5, 2.0)
BLOCKS_PER_SECOND: Final = 50
# atempo holds back two windows of 43 to 85 ms a stage; this much silence pushes all of the speech out.
TAIL_SECONDS: Final = 0.5


class Tempo:
    """Speeds a stream of s16le mono up by `speed` and shifts it by `pitch` semitones; ValueError outside of their ranges.

    The output starts where the input starts, is round(samples / speed) samples long, and does not depend on
    how the input was cut. By FFmpeg's atempo (WSOLA); a pitch is played at another rate, and its tempo set right.
    """

    # Not python-stretch 0.3: its `process` pads, flushes and resets itself in every call, so it cannot
    # stream; and whole it was measured further from the spectrum of the original speech, from 0.5 to 3.

    def __init__(self, speed: float, sample_rate: int, pitch: float = 0.0) -> None:
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ValueError(f"speed {speed} is not within {MIN_SPEED} and {MAX_SPEED}")
        if not -MAX_PITCH <= pitch <= MAX_PITCH:
            raise ValueError(f"pitch {pitch} is not within -{MAX_PITCH} and {MAX_PITCH} semitones")
        self._speed, self._sample_rate = speed, sample_rate
        self._blocks = Blocks(max(1, sample_rate // BLOCKS_PER_SECOND))
        self._graph = _graph(speed, sample_rate, round(sample_rate * 2 ** (pitch / 12)))
        self._fed = self._given = 0
        self._ended = False

    def feed(self, pcm: bytes) -> bytes:
        """Take in any cut; return what is ready, maybe nothing. ValueError after `finish`."""
        if self._ended:
            raise ValueError("this tempo has ended")
        return b"".join([self._step(block) for block in self._blocks.add(pcm)])

    def finish(self) -> bytes:
        """The rest, to the sample; b"" when called again."""
        if self._ended:
            return b""
        self._ended = True
        rest = self._blocks.rest()
        wanted = round((self._fed + len(rest) // SAMPLE_BYTES) / self._speed) - self._given
        tail = self._step(rest + bytes(SAMPLE_BYTES * int(TAIL_SECONDS * self._sample_rate)))
        self._graph.push(None)
        return (tail + self._pull())[: max(0, wanted) * SAMPLE_BYTES]

    def _step(self, pcm: bytes) -> bytes:
        from outputs.codec import s16_frame

        frame = s16_frame(pcm, self._sample_rate)
        frame.pts = self._fed
        self._fed += frame.samples
        self._graph.push(frame)
        return self._pull()

    def _pull(self) -> bytes:
        """All that the graph has ready."""
        from av.audio.frame import AudioFrame

        ready = []
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):  # hungry, ended
                break
            assert isinstance(frame, AudioFrame)
            ready.append(bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES])
        made = b"".join(ready)
        self._given += len(made) // SAMPLE_BYTES
        return made


def _stages(speed: float) -> list[float]:
    """Factors within _STAGE whose product is the speed."""
    low, high = _STAGE
    stages = list[float]()
    while not low <= speed <= high:
        stages.append(low if speed < low else high)
        speed /= stages[-1]
    return [*stages, speed]


def _graph(speed: float, sample_rate: int, played_at: int) -> Graph:
    """PCM in, PCM out: played at another rate where the pitch asks for it, then through one atempo a stage."""
    from av.filter import Graph  # FFmpeg's libraries take 50 ms to import, and few ask for another speed

    graph = Graph()
    chain = [graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono")]
    if played_at != sample_rate:
        chain += [graph.add("asetrate", str(played_at)), graph.add("aresample", str(sample_rate))]
        chain.append(graph.add("aformat", "sample_fmts=s16"))
    chain += [graph.add("atempo", repr(stage)) for stage in _stages(speed * sample_rate / played_at)]
    graph.link_nodes(*chain, graph.add("abuffersink"))
    graph.configure()
    return graph
