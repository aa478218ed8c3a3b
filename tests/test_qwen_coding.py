"""Codes of a recording are the package's own, and their sound is that of speech with these codes, to the last bit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import damage
import numpy as np
import package
import pytest
import torch
from checkpoints import Kind, Shelf
from safetensors.torch import load_file, save_file

from models.backend import AudioCodec, BadReference, EngineUnavailable, Line, RowFailed
from models.engine import Engine, State
from models.qwen import coding, config
from models.qwen.backend import Qwen
from models.qwen.codec import Codec
from models.qwen.codec_encoder import CodecEncoder
from models.qwen.config import BadCheckpoint
from models.qwen.package import resample
from models.qwen.wave import to_pcm
from models.qwen.weights import opened
from tests.test_qwen_codec import codes_of, decoded, ratio
from tests.test_qwen_encoder import recording

ROOT = Path(__file__).parents[1]


def theirs(folder: Path, wave: np.ndarray) -> np.ndarray:
    """The codes of the unmodified package's own tokenizer."""
    modeling = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2")
    with package.quiet(), torch.inference_mode():
        model = modeling.Qwen3TTSTokenizerV2Model.from_pretrained(folder / "speech_tokenizer").eval()
        samples = torch.from_numpy(wave)[None]
        (codes,) = model.encode(samples, torch.ones_like(samples, dtype=torch.long)).audio_codes
    return codes.numpy()


def made(backend: AudioCodec, wave: np.ndarray, rate: int = 24_000) -> np.ndarray:
    *portions, codes = backend.encoding(wave, rate)
    assert len(portions) > 5 and set(portions) == {None}
    assert codes is not None
    return codes


@pytest.fixture
def loaded(checkpoint: Shelf) -> Iterator[Qwen]:
    backend = Qwen(checkpoint("base"), "base")
    backend.load()
    yield backend
    backend.unload()


@pytest.mark.parametrize("shape", ["nano", "small"])
@pytest.mark.parametrize("kind", ["custom_voice", "voice_design", "base"])
def test_codes_are_those_of_the_package_whatever_the_model_is_for(checkpoint: Shelf, kind: Kind, shape: str) -> None:
    folder = checkpoint(kind, shape)
    backend = Qwen(folder, "x")
    assert isinstance(backend, AudioCodec)
    assert (backend.facts.codebook, backend.facts.encodes) == (config.read(folder).codec.codebook_size, True)
    backend.prepare_encoding()
    for seconds in (0.01, 0.08, 1.0, 2.345, 11.0):
        wave = recording(seconds)
        codes = made(backend, wave)
        assert codes.dtype == np.int16 and codes.shape == (-(-len(wave) // 1920), 16)
        assert np.array_equal(codes, theirs(folder, wave))
        assert 0 <= codes.min() <= codes.max() < backend.facts.codebook


def test_another_rate_is_heard_as_the_package_hears_it(checkpoint: Shelf) -> None:
    folder = checkpoint("base")
    wave = recording(1.5, 44_100)
    expected = theirs(folder, resample(wave, 44_100, 24_000))
    assert np.array_equal(made(Qwen(folder, "x"), wave, 44_100), expected)


@pytest.mark.parametrize("frames", [1, 31, 32, 33, 150])
def test_sound_is_that_of_the_codec_at_one_go(checkpoint: Shelf, loaded: Qwen, frames: int) -> None:
    folder = checkpoint("base")
    codes = codes_of(frames, seed=frames)
    with opened(folder / "speech_tokenizer") as weights:
        whole = decoded(Codec(config.read(folder).codec, weights), codes, frames)
    portions = list(loaded.decoding(codes[0].T.numpy().astype(np.int16)))
    assert len(portions) == -(-frames // coding.FRAMES)
    assert b"".join(portions) == to_pcm(whole[0])
    modeling = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2")
    with package.quiet(), torch.inference_mode():
        expected = modeling.Qwen3TTSTokenizerV2Model.from_pretrained(folder / "speech_tokenizer").decoder.eval()(codes)
    got = torch.from_numpy(np.frombuffer(b"".join(portions), "<i2") / np.float32(32767))
    assert ratio(expected[0, 0], got) > 60  # of 16 bits


def test_speech_of_the_same_codes_is_the_same_sound(checkpoint: Shelf) -> None:
    """Bit for bit: what the codes of a row become while it is spoken, and what they become here."""
    backend = Qwen(checkpoint("custom_voice", end=-50.0), "x")
    backend.load()
    assert backend._rows is not None
    taken: list[torch.Tensor] = []
    decode = backend._rows.codec.decode

    def listening(states: Any, codes: torch.Tensor) -> torch.Tensor:
        taken.append(codes)
        return decode(states, codes)

    backend._rows.codec.decode = listening  # type: ignore[method-assign]
    backend.join(0, Line("ryan", "en", 1, sampling={"max_new_tokens": 40, "stop_guard": False}))
    backend.feed(0, "Hello there, this is a test.")
    backend.end_text(0)
    spoken, end = b"", None
    while end is None:
        (frame,) = backend.step([0])
        assert frame.error is None
        spoken, end = spoken + frame.pcm, frame.end
    table = torch.cat(taken, 2)[0].T.numpy().astype(np.int16)
    assert len(table) > coding.FRAMES
    assert b"".join(backend.decoding(table))[-len(spoken) :] == spoken


def test_the_state_outlives_the_model(loaded: Qwen) -> None:
    codes = codes_of(70, seed=1)[0].T.numpy().astype(np.int16)
    whole = b"".join(loaded.decoding(codes))
    halting, pieces = loaded.decoding(codes), []
    for _ in range(3):
        pieces.append(next(halting))
        loaded.unload()
        loaded.load()
    assert b"".join(pieces) == whole


def test_nobody_between_two_portions_is_in_inference_mode(checkpoint: Shelf) -> None:
    folder = checkpoint("base") / "speech_tokenizer"
    for _ in CodecEncoder(folder).portions(torch.from_numpy(recording(0.5))):
        assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("wave", "rate", "told"),
    [
        (recording(30.1, 8_000), 8_000, "lasts 30 s; 30 s are encoded at once"),
        (recording(1.0), 7_999, "8000 to 192000"),
        (recording(1.0)[None], 24_000, "one channel"),
        (recording(1.0)[:0], 24_000, "empty"),
        (np.full(2400, np.nan, np.float32), 24_000, "not finite"),
    ],
)
def test_what_cannot_be_encoded(checkpoint: Shelf, wave: np.ndarray, rate: int, told: str) -> None:
    with pytest.raises(BadReference, match=told):
        list(Qwen(checkpoint("base"), "x").encoding(wave, rate))


def test_codes_of_no_codebook(loaded: Qwen) -> None:
    with pytest.raises(RowFailed, match="the codebooks hold 64"):
        list(loaded.decoding(np.full((3, 16), 64, np.int16)))


def test_a_codec_that_overflows_is_told(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "hot")
    damage.plant(folder / "speech_tokenizer" / "model.safetensors", "decoder.pre_conv.conv.bias")
    backend = Qwen(folder, "x")
    backend.load()
    with pytest.raises(RowFailed, match="overflowed"):
        list(backend.decoding(np.zeros((3, 16), np.int16)))


def test_a_tokenizer_without_its_encoder_still_decodes(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "deaf")
    file = folder / "speech_tokenizer" / "model.safetensors"
    save_file({name: tensor for name, tensor in load_file(file).items() if not name.startswith("encoder.")}, file)
    backend = Qwen(folder, "x")
    assert (backend.facts.codebook, backend.facts.encodes) == (64, False)
    with pytest.raises(BadCheckpoint, match=r"encoder\..* is missing"):
        made(backend, recording(1.0))
    backend.load()
    assert len(b"".join(backend.decoding(np.zeros((3, 16), np.int16)))) == 3 * 3840


def test_without_the_package_there_is_still_sound_and_the_command_is_named(checkpoint: Shelf) -> None:
    program = f"""
import sys
sys.modules["qwen_tts"] = None
import numpy, pathlib
from models.backend import EngineUnavailable
from models.qwen.backend import Qwen
backend = Qwen(pathlib.Path({str(checkpoint("base"))!r}), "x")
backend.load()
assert len(b"".join(backend.decoding(numpy.zeros((2, 16), "int16")))) == 2 * 3840
try:
    backend.prepare_encoding()
except EngineUnavailable as error:
    assert "pip install --no-deps qwen-tts" in str(error), error
else:
    raise SystemExit("it was prepared")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


async def test_the_engine_does_both_and_loads_the_model_for_the_sound_alone(checkpoint: Shelf) -> None:
    engine = Engine(Qwen(checkpoint("base"), "base"))
    running = asyncio.create_task(engine.run(), name="engine under test")
    try:
        threads = threading.active_count()
        codes = await engine.encode("", recording(1.0), 24_000)
        assert np.array_equal(codes, theirs(checkpoint("base"), recording(1.0)))
        assert engine.status().state is State.UNLOADED and threading.active_count() <= threads + 2
        table = codes_of(70, seed=2)[0].T.numpy().astype(np.int16)
        heard = []
        async for pcm in engine.decode("base", table):
            heard.append(pcm)
            await engine.unload()  # it comes back
        reference = Qwen(checkpoint("base"), "x")
        reference.load()
        assert b"".join(heard) == b"".join(reference.decoding(table))
        with pytest.raises(EngineUnavailable, match="no model"):
            await engine.encode("other", recording(1.0), 24_000)
    finally:
        running.cancel()
        await asyncio.wait([running])
    with pytest.raises(EngineUnavailable, match="stopped"):
        await engine.encode("", recording(1.0), 24_000)
