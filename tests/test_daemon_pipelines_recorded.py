"""Whether an input is a recording, before there is a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.pipelines.recorded import see
from outputs.audio import whole
from outputs.decoder import UnreadableAudio

RECORDING = Path(__file__).parent / "data" / "recordings" / "house.opus"


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus", "aac"])
def test_what_is_a_recording_passes(kind: str) -> None:
    see(whole(kind, bytes(48_000), 24_000))
    see(RECORDING.read_bytes())


@pytest.mark.parametrize("data", [b"", b"Ahoy there!\n", b"OggS", RECORDING.read_bytes()[:200]])
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableAudio):
        see(data)
