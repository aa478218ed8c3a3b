"""Where `voiced say` puts its audio."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import soundfile

from daemon.commands.sink import opened
from daemon.faults import NothingToSay
from outputs.audio import whole
from tests.command import FRAME, TEXT, say, shell


@pytest.mark.parametrize("name", ["wav", "mp3", "opus", "flac"])
def test_a_file_has_the_format_of_its_ending(tmp_path: Path, name: str) -> None:
    file = tmp_path / f"speech.{name}"
    assert say(tmp_path, TEXT, "-o", str(file)).returncode == 0
    assert soundfile.info(file).duration == pytest.approx(len(TEXT) * 0.08, abs=0.15)
    assert [path.name for path in tmp_path.glob("speech*")] == [file.name]


@pytest.mark.parametrize("name", ["wav", "flac"])
@pytest.mark.parametrize("size", [1, 3, 1001, 4800])
def test_the_length_it_tells_is_that_of_its_sound_however_it_came(tmp_path: Path, name: str, size: int) -> None:
    """Over a socket a sample may come in two pieces."""
    file, pcm = tmp_path / f"speech.{name}", bytes(range(240)) * 20
    with opened(str(file), None) as sink:
        for at in range(0, len(pcm), size):
            sink.write(pcm[at : at + size], 24_000)
        sink.finish()
    assert sink.samples == soundfile.info(file).frames == len(pcm) // 2
    assert soundfile.read(file, dtype="int16")[0].tobytes() == pcm
    if name == "wav":
        assert file.read_bytes() == whole("wav", pcm, 24_000)


def test_a_file_that_was_there_stays_when_speaking_fails(tmp_path: Path) -> None:
    file = tmp_path / "old.wav"
    file.write_bytes(b"old")
    (tmp_path / "old.wav.part").write_bytes(b"somebody else's")
    assert say(tmp_path, TEXT, "-o", str(file), "--voice", "nobody").returncode == 2
    assert file.read_bytes() == b"old"
    assert [part.read_bytes() for part in tmp_path.glob("*.part")] == [b"somebody else's"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.wav").write_bytes(b"old")
    (tmp_path / "link.wav").symlink_to("real.wav")
    with opened(str(tmp_path / "link.wav"), None) as sink:
        sink.write(bytes(4800), 24_000)
        sink.finish()
    assert (tmp_path / "link.wav").is_symlink()
    assert soundfile.info(tmp_path / "real.wav").frames == 2400


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with opened(str(pipe), "pcm") as sink:
        sink.write(bytes(FRAME), 24_000)
        sink.finish()
    reader.join(30)
    assert heard == [bytes(FRAME)]
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["wav", "pcm", "mp3"])
def test_no_sound_at_all_is_no_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / f"x.{name}"
    with pytest.raises(NothingToSay), opened(str(file), None) as sink:
        sink.finish()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_file(tmp_path: Path) -> None:
    done = shell(f"ulimit -f 8; voiced say --local --data-dir {tmp_path}/data '{TEXT}' -o {tmp_path}/x.wav")
    # Nor is there room to unpack what tells languages apart.
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, b"voiced: [Errno 27] File too large")
    assert list(tmp_path.iterdir()) == []
