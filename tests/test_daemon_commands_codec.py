"""`voiced codec`, on a small random checkpoint: in a process of its own, and by a daemon."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from checkpoints import Shelf

from daemon.commands.codec import _kind, _write
from daemon.faults import Malformed
from outputs import codes
from tests.command import VOICED, around
from tests.test_house_qwen import home
from tests.test_outputs_decoder import wav


@pytest.fixture
def data(checkpoint: Shelf, tmp_path: Path) -> Path:
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    shutil.copytree(checkpoint("custom_voice", "nano", end=2.0), models / "presets")
    (tmp_path / "clip.wav").write_bytes(wav())
    return tmp_path / "data"


def codec(data: Path, *words: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    environ = around(VOICED_DATA_DIR=str(data), VOICED_ENGINE="qwen")
    return subprocess.run([*VOICED, "codec", *words], capture_output=True, input=text, env=environ, timeout=60)


@pytest.mark.timeout(300)
async def test_there_and_back_by_a_daemon_as_in_a_process_of_its_own(data: Path) -> None:
    clip, npz, mine, its = (str(data.parent / name) for name in ("clip.wav", "codes.npz", "mine.flac", "its.flac"))
    told = codec(data, "encode", clip, "--local").stdout
    back = codec(data, "decode", "-", "-o", mine, "--local", text=told)
    assert back.returncode == 0, back.stderr
    assert soundfile.info(mine).frames == 13 * 1920
    async with home(data) as h:

        def asked(*words: str) -> None:
            done = codec(data, *words, "--server", "{}:{}".format(*h.server.http))
            assert done.returncode == 0, done.stderr

        await asyncio.to_thread(asked, "encode", clip, "-o", npz)
        assert np.load(npz)["codes"].tolist() == json.loads(told)["codes"]
        await asyncio.to_thread(asked, "decode", npz, "-o", its, "--model", "presets")
    assert Path(its).read_bytes() == Path(mine).read_bytes()


def test_what_cannot_be_done_is_told_and_leaves_no_file(data: Path) -> None:
    long = io.BytesIO()
    soundfile.write(long, np.full(31 * 8000, 0.1), 8000, format="WAV")
    out = data.parent / "codes.npz"
    for words, given, told in (
        (("encode", "-", "-o", str(out)), long.getvalue(), "longer than 30 s"),
        (("encode", "-", "-o", str(out)), b"hello", "no WAV, FLAC, MP3 or Ogg"),
        (("encode", "-", "--model", "nobody"), b"", "no model is called 'nobody'"),
        (("encode", "/nowhere.wav"), b"", "/nowhere.wav"),
        (("encode", "-", "-o", str(out), "--format", "mp3"), b"", "written as npz or json, not 'mp3'"),
        (("decode", "-", "-o", str(data.parent / "x.wav")), b"{}", "codes: must be given"),
        (("decode", "-", "-o", str(data.parent / "x.xyz")), codes.to_json(codes.Codes(np.zeros((1, 16), np.int16))), "xyz"),
    ):  # fmt: skip
        done = codec(data, *words, "--local", text=given)
        assert done.returncode in (1, 2) and told in done.stderr.decode(), (words, done.stderr)
        assert b"Traceback" not in done.stderr
    assert {path.name for path in data.parent.iterdir()} == {"data", "clip.wav"}


def test_codes_go_into_a_device_as_they_are_and_appear_whole_in_a_file(tmp_path: Path) -> None:
    _write("/dev/null", b"codes")
    _write(str(tmp_path / "codes.npz"), b"codes")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"codes"]


def test_how_codes_are_written() -> None:
    assert [_kind("a.NPZ", None), _kind("a.json", None), _kind("a.json", "npz")] == ["npz", "json", "npz"]
    assert [_kind(None, None), _kind("-", None)] == ["json", "json"]
    with pytest.raises(Malformed, match="not 'txt'"):
        _kind("a.txt", None)
