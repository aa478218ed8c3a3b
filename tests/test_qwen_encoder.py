"""Cloning: the same numbers as the package, from less memory, and clear words for what cannot be cloned."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import damage
import numpy as np
import package
import pytest
import torch
from checkpoints import Shelf

from models.backend import BadReference, EngineUnavailable
from models.qwen.clone import ClonePrompt
from models.qwen.config import BadCheckpoint
from models.qwen.encoder import Encoder


def recording(seconds: float, rate: int = 24_000, level: float = 0.3) -> np.ndarray:
    """Something with many sounds in it: a gliding tone under noise that swells."""
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(1).standard_normal(len(time)) * (1 + np.sin(5 * time)) * 0.2
    return (level * (np.sin(2 * np.pi * (200 * time + 150 * time**2)) + noise)).astype(np.float32)


@pytest.fixture(scope="module", params=["nano", "small"])
def both(request: pytest.FixtureRequest, checkpoint: Shelf) -> tuple[Encoder, object]:
    folder = checkpoint("base", request.param)
    return Encoder(folder), package.load(folder)


def theirs(
    model: object, wave: np.ndarray, rate: int, transcript: str | None
) -> tuple[torch.Tensor, torch.Tensor | None]:
    with package.quiet():
        (item,) = model.create_voice_clone_prompt((wave, rate), transcript, x_vector_only_mode=transcript is None)
    return item.ref_spk_embedding, item.ref_code


@pytest.mark.parametrize("transcript", ["the words of it", None])
@pytest.mark.parametrize(
    ("seconds", "rate"), [(0.3, 24_000), (0.96, 24_000), (1.0, 24_000), (2.345, 24_000), (1.5, 44_100), (0.8, 16_000)]
)
def test_prompts_are_those_of_the_package(
    both: tuple[Encoder, object], seconds: float, rate: int, transcript: str | None
) -> None:
    wave = recording(seconds, rate)
    mine = both[0].prompt(wave, rate, transcript)
    embedding, codes = theirs(both[1], wave, rate, transcript)
    torch.testing.assert_close(mine.embedding, embedding, rtol=0, atol=1e-5)
    if transcript is None:
        assert codes is None and mine.codes is None
    else:
        assert mine.codes is not None and torch.equal(mine.codes, codes)
    assert mine.text == (transcript or "")
    back = ClonePrompt.from_bytes(mine.to_bytes())
    assert torch.equal(back.embedding, mine.embedding)


def test_a_loud_recording_says_nothing_on_stdout(
    both: tuple[Encoder, object], capfd: pytest.CaptureFixture[str]
) -> None:
    wave = recording(0.5, level=3.0)
    mine = both[0].prompt(wave, 24_000, None)
    torch.testing.assert_close(mine.embedding, theirs(both[1], wave, 24_000, None)[0], rtol=0, atol=1e-5)
    assert capfd.readouterr() == ("", "")


def test_released_and_sharded_weights_are_read(checkpoint: Shelf, tmp_path: Path) -> None:
    """The talker's file is bfloat16 as released; the package, asked for float32, widens it as we do."""
    folder = damage.copied(checkpoint("base", dtype="bfloat16"), tmp_path / "shards")
    whole = Encoder(folder).prompt(recording(1.0), 24_000, "words")
    embedding, codes = theirs(package.load(folder), recording(1.0), 24_000, "words")
    torch.testing.assert_close(whole.embedding, embedding, rtol=0, atol=1e-5)
    assert whole.codes is not None and torch.equal(whole.codes, codes)
    damage.shard(folder)
    damage.shard(folder / "speech_tokenizer")
    parts = Encoder(folder).prompt(recording(1.0), 24_000, "words")
    assert parts.to_bytes() == whole.to_bytes()


@pytest.mark.parametrize(
    ("samples", "rate", "transcript", "words"),
    [
        (recording(1.0), 24_000, " \n", "transcript is empty"),
        (recording(1.0)[:0], 24_000, None, "recording is empty"),
        (recording(0.29), 24_000, None, "lasts 0.29 s"),
        (recording(0.1, 8_000).repeat(601), 8_000, None, "60 s are the limit"),
        (recording(1.0), 4_000, None, "not 4000"),
        (recording(1.0), 400_000, None, "not 400000"),
        (np.where(np.arange(24_000) == 77, np.nan, recording(1.0)), 24_000, None, "not finite"),
        (np.where(np.arange(24_000) == 77, np.inf, recording(1.0)), 24_000, "words", "not finite"),
        (recording(1.0).reshape(2, -1), 24_000, None, "one channel"),
        ((recording(1.0) * 32767).astype(np.int16), 24_000, None, "floating point"),
    ],
)
def test_what_cannot_be_cloned_is_said(
    both: tuple[Encoder, object], samples: np.ndarray, rate: int, transcript: str | None, words: str
) -> None:
    with pytest.raises(BadReference, match=words):
        both[0].prompt(samples, rate, transcript)


@pytest.mark.parametrize("kind", ["custom_voice", "voice_design"])
def test_only_a_base_model_clones(checkpoint: Shelf, kind: str) -> None:
    with pytest.raises(BadCheckpoint, match=f"is a {kind} model"):
        Encoder(checkpoint(kind))


def test_broken_checkpoints_name_the_file(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "dropped")
    damage.drop(folder / "model.safetensors", "speaker_encoder.mfa.conv.weight")
    with pytest.raises(BadCheckpoint, match=r"speaker_encoder\.mfa\.conv\.weight is missing"):
        Encoder(folder)
    folder = damage.copied(checkpoint("base"), tmp_path / "reshaped")
    damage.reshape(folder / "speech_tokenizer" / "model.safetensors", "encoder.downsample.conv.weight", 3, 3)
    with pytest.raises(BadCheckpoint, match=r"encoder\.downsample\.conv\.weight has shape \[3, 3\]"):
        Encoder(folder)
    folder = damage.copied(checkpoint("base"), tmp_path / "cut")
    damage.truncate(folder / "speech_tokenizer" / "model.safetensors")
    with pytest.raises(BadCheckpoint, match="not a whole safetensors file"):
        Encoder(folder)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"ears": 2}, "unexpected keyword argument 'ears'"),
        ({"sample_rate": 16_000}, "hears 16000 Hz"),
        ({"enc_channels": 7}, "speaker_encoder_config does not"),
    ],
)
def test_a_strange_speaker_encoder_is_refused(
    checkpoint: Shelf, tmp_path: Path, section: dict[str, object], words: str
) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "strange")
    damage.configure(folder, speaker_encoder_config=section)
    with pytest.raises(BadCheckpoint, match=words):
        Encoder(folder)


def test_a_strange_codec_encoder_is_refused(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "strange")
    damage.configure(folder / "speech_tokenizer", encoder_config={"num_quantizers": "many"})
    with pytest.raises(BadCheckpoint, match="encoder_config does not"):
        Encoder(folder)


def test_weights_that_are_not_numbers_do_not_become_a_voice(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "nan")
    damage.plant(folder / "model.safetensors", "speaker_encoder.mfa.conv.weight", at=(0,))
    with pytest.raises(EngineUnavailable, match="not finite"):
        Encoder(folder).prompt(recording(1.0), 24_000, None)


def test_closing_lets_the_weights_go(checkpoint: Shelf) -> None:
    cloner = Encoder(checkpoint("base"))
    parts = [weakref.ref(cloner._speaker), weakref.ref(cloner._codec)]
    made = cloner.prompt(recording(1.0), 24_000, "words")
    cloner.close()
    cloner.close()
    gc.collect()
    assert [part() for part in parts] == [None, None]
    assert made.embedding.isfinite().all()
    with pytest.raises(EngineUnavailable, match="closed"):
        cloner.prompt(recording(1.0), 24_000, None)
