"""How an audio file begins."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from clips import RATE, hiss, silence, wav

from outputs.audio import encoder
from outputs.decoder import UnreadableAudio
from outputs.excerpt import excerpt


def test_a_short_file_is_there_whole_channel_by_channel() -> None:
    planes = np.stack([hiss(2, -20), hiss(2, -20)[::-1]])
    found = excerpt(wav(planes), seconds=10)
    assert (found.channels, found.sample_rate, found.seconds) == (2, RATE, 2)
    assert np.allclose(found.planes, planes, atol=1e-4)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus"])
def test_of_a_long_file_only_the_beginning_is_decoded_and_all_of_it_is_told(kind: str) -> None:
    samples = hiss(20, -20)
    made = encoder(kind, RATE)
    data = made.encode((samples * 32767).astype("<i2").tobytes()) + made.finish()
    if kind == "wav":
        data = wav(samples)
    found = excerpt(data, seconds=3)
    assert found.planes.shape == (1, 3 * found.sample_rate)
    # A stream that was written to a sink does not know its length; then it is longer than what was asked for.
    assert found.seconds == pytest.approx(20, abs=0.3) or (found.seconds > 3 and kind in ("flac", "mp3"))


def test_more_than_two_channels_are_averaged() -> None:
    planes = np.stack([hiss(1, -20), silence(1), silence(1), silence(1)])
    found = excerpt(wav(planes), seconds=2)
    assert found.channels == 4
    assert np.allclose(found.planes, planes[:1] / 4, atol=1e-4)


def test_a_file_without_samples_has_none() -> None:
    found = excerpt(wav(silence(0)), seconds=2)
    assert (found.planes.shape, found.seconds) == ((1, 0), 0)


@pytest.mark.parametrize("data", [b"", b"hello", b"fLaC" + b"\xff" * 100, wav(silence(1))[:40]])
def test_what_is_no_recording_is_told(data: bytes) -> None:
    with pytest.raises(UnreadableAudio):
        excerpt(data, seconds=2)


def test_samples_that_are_no_numbers_are_refused() -> None:
    samples = struct.pack("<3f", 0.0, float("nan"), 0.5)
    file = io.BytesIO()
    file.write(struct.pack("<4sI4s", b"RIFF", 36 + 12, b"WAVE"))
    file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32))
    file.write(struct.pack("<4sI", b"data", 12) + samples)
    with pytest.raises(UnreadableAudio, match="not numbers"):
        excerpt(file.getvalue(), seconds=2)
