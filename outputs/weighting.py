"""The K-weighting of ITU-R BS.1770-4 as a stream: what the head does to a sound, and how little the ear hears of the bass."""

from __future__ import annotations

from math import pi, tan
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from outputs.sound import Audio

if TYPE_CHECKING:
    from av.filter import Graph

Weighted = npt.NDArray[np.float64]

# The two filters behind the recommendation's coefficients for 48 kHz: with these, the same curve is had at every rate.
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_BASS_HZ, _BASS_Q = 38.13547087602444, 0.5003270373238773
# The exponent that puts the middle of the shelf where the coefficients have it.
_SHELF_MIDDLE: Final = 0.4996667741545416

Section = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2; a0 is 1."""


class Weighting:
    """Two biquads in double precision, by FFmpeg: numpy has no recursive filter, and this is 5 s for ten hours."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate, self._fed = sample_rate, 0
        self._graph = _graph(sample_rate)

    def run(self, audio: Audio) -> Weighted:
        """[n] to [n]; the state goes on from one block to the next."""
        from av.audio.frame import AudioFrame

        if not len(audio):
            return np.zeros(0)
        frame = AudioFrame("dblp", "mono", len(audio), align=1)
        frame.planes[0].update(audio.astype(np.float64).tobytes())
        frame.sample_rate, frame.pts = self._sample_rate, self._fed
        self._fed += len(audio)
        self._graph.push(frame)
        made = self._graph.pull()
        assert isinstance(made, AudioFrame)
        return np.frombuffer(memoryview(made.planes[0]), np.float64, made.samples)


def sections(sample_rate: int) -> tuple[Section, Section]:
    """The high shelf and the high pass at this rate."""
    k, gain = tan(pi * _SHELF_HZ / sample_rate), 10 ** (_SHELF_DB / 20)
    middle, norm = gain**_SHELF_MIDDLE, 1 + k / _SHELF_Q + k * k
    shelf = (
        (gain + middle * k / _SHELF_Q + k * k) / norm,
        2 * (k * k - gain) / norm,
        (gain - middle * k / _SHELF_Q + k * k) / norm,
        2 * (k * k - 1) / norm,
        (1 - k / _SHELF_Q + k * k) / norm,
    )
    k = tan(pi * _BASS_HZ / sample_rate)
    norm = 1 + k / _BASS_Q + k * k
    return shelf, (1.0, -2.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / _BASS_Q + k * k) / norm)


def _graph(sample_rate: int) -> Graph:
    from av.filter import Graph  # FFmpeg's libraries take 50 ms to import

    graph = Graph()
    chain = [graph.add_abuffer(sample_rate=sample_rate, format="dblp", layout="mono")]
    for b0, b1, b2, a1, a2 in sections(sample_rate):
        chain.append(graph.add("biquad", f"b0={b0!r}:b1={b1!r}:b2={b2!r}:a0=1:a1={a1!r}:a2={a2!r}:precision=f64"))
    graph.link_nodes(*chain, graph.add("abuffersink"))
    graph.configure()
    return graph
