"""Audio aloud, through a player that is a script here."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.commands.player import playing
from daemon.faults import Malformed


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only player of this machine, as `aplay`; what it hears is in `heard`."""
    script = tmp_path / "aplay"
    script.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/heard\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return script


def test_what_is_put_is_heard(player: Path) -> None:
    with playing("wav") as put:
        put(b"RIFF")
    assert (player.parent / "heard").read_bytes() == b"RIFF"


def test_a_player_that_fails_is_told(player: Path) -> None:
    player.write_text("#!/bin/sh\n/bin/cat > /dev/null\nexit 3\n")
    with pytest.raises(OSError, match="aplay could not play: it ended with exit code 3"), playing("wav") as put:
        put(b"RIFF")


def test_no_player_and_no_wav_are_told(player: Path) -> None:
    with pytest.raises(Malformed, match="as wav"), playing("mp3"):
        pass
    player.unlink()
    with pytest.raises(Malformed, match="no player is installed"), playing("wav"):
        pass
