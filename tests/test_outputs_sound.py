"""Samples as floats and back, and a sound that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from outputs.sound import Watched, from_pcm, to_pcm


@dataclass
class Three:
    sample_rate: int = 8000

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"\1\0", b"", b"\2\0\3\0")


def test_every_sample_comes_back() -> None:
    every = np.arange(-32768, 32768).astype("<i2").tobytes()
    assert to_pcm(from_pcm(every)) == every
    assert np.frombuffer(to_pcm(np.array([2.0, -2.0, 1.0], np.float32)), "<i2").tolist() == [32767, -32768, 32767]


def test_the_watcher_hears_all_and_may_stop() -> None:
    told = list[int]()
    sound = Watched(Three(), told.append)
    assert (b"".join(sound), b"".join(sound), told) == (b"\1\0\2\0\3\0", b"\1\0\2\0\3\0", [1, 0, 2, 1, 0, 2])
    assert sound.sample_rate == 8000

    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(Watched(Three(), stop))
