"""A recording becomes another kind of file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pydantic import ValidationError

from daemon.pipelines import convert
from outputs.audio import wav_header
from outputs.decoder import UnreadableAudio


def recording(seconds: float = 1.0, rate: int = 24_000, loud: float = 0.1) -> bytes:
    wave = np.sin(np.arange(int(seconds * rate)) / rate * 440 * 2 * np.pi) * loud * 32767
    pcm = wave.astype("<i2").tobytes()
    return wav_header(rate, len(pcm)) + pcm


def converted(folder: Path, data: bytes, **options: object) -> tuple[Path, dict[str, Any]]:
    (folder / "input").mkdir(parents=True)
    (folder / "input" / "tone.wav").write_bytes(data)
    read = convert.Options.model_validate(options)
    plan = convert.plan(data, "tone.wav", read)
    assert not plan.segments
    (made,) = convert.assemble(folder, plan, (), read)
    return folder / str(made["name"]), dict(made)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus", "aac", "m4a", "m4b"])
def test_every_kind_holds_the_same_second(tmp_path: Path, kind: str) -> None:
    path, told = converted(tmp_path, recording(), audio=kind)
    with av.open(io.BytesIO(path.read_bytes())) as found:
        heard = sum(frame.samples for frame in found.decode(audio=0)) / found.streams.audio[0].rate
    assert heard == pytest.approx(1, abs=0.1)
    assert told["seconds"] == pytest.approx(1, abs=0.01)
    assert told["bytes"] == path.stat().st_size


def test_rate_and_loudness_are_as_asked_for(tmp_path: Path) -> None:
    path, told = converted(tmp_path, recording(4, loud=0.02), audio="flac", sample_rate=16_000, loudness=-20)
    with av.open(str(path)) as found:
        assert found.streams.audio[0].rate == 16_000
    assert told["gain"] > 6
    again, _ = converted(tmp_path / "again", recording(4, loud=0.02), audio="flac", sample_rate=16_000, loudness=-20)
    assert again.read_bytes() == path.read_bytes()


def test_what_is_no_audio_or_no_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio):
        convert.plan(b"not a recording", "tone.mp3", convert.Options(audio="mp3"))
    with pytest.raises(ValidationError, match="audio"):
        convert.Options.model_validate({"audio": "cassette"})
