"""The official package in the tests: it loads every kind of checkpoint they make, speaks, and brings nothing heavy along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import damage
import numpy as np
import package
import pytest
import torch
from checkpoints import KINDS, SHAPES, Kind, Shelf, make

from models.backend import EngineUnavailable
from models.qwen import config
from models.qwen.native.shelf import NAME
from models.qwen.package import INSTALL, resample

ROOT = Path(__file__).resolve().parent.parent
METHODS = {
    "custom_voice": ("generate_custom_voice", {"speaker": "ryan", "language": "English"}),
    "voice_design": ("generate_voice_design", {"instruct": "A warm old voice.", "language": "Auto"}),
}


def tone(seconds: float, rate: int = 24_000) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_checkpoint_reads_as_one(checkpoint: Shelf, kind: Kind, shape: str) -> None:
    read = config.read(checkpoint(kind, shape))
    assert (read.task, read.codec.hop) == (kind, 1920)
    assert read.vocab == read.codebook_size + config.CONTROL_IDS
    assert all(
        read.codebook_size <= number < read.vocab for number in (*read.languages.values(), *read.speakers.values())
    )


@pytest.mark.parametrize("shape", ["nano", "small"])
@pytest.mark.parametrize("kind", METHODS)
def test_the_package_speaks(checkpoint: Shelf, kind: Kind, shape: str) -> None:
    method, options = METHODS[kind]
    model = package.load(checkpoint(kind, shape, end=-50.0))
    (codes,), (wave,) = package.codes_of(model, method, "Hello there.", max_new_tokens=13, seed=5, **options)
    assert codes.shape == (12, 16)  # the last id that it draws becomes no frame
    assert len(wave) == 12 * 1920
    assert 0.05 < wave.std() < 0.5  # a wave, and not one that the last clamp cut
    (again,), _ = package.codes_of(model, method, "Hello there.", max_new_tokens=13, seed=5, **options)
    (other,), _ = package.codes_of(model, method, "Hello there.", max_new_tokens=13, seed=6, **options)
    assert torch.equal(codes, again)
    assert not torch.equal(codes, other)


@pytest.mark.parametrize("shape", ["nano", "small"])
def test_a_checkpoint_can_be_made_to_end_at_once(checkpoint: Shelf, shape: str) -> None:
    model = package.load(checkpoint("custom_voice", shape, end=50.0))
    method, options = METHODS["custom_voice"]
    codes, _ = package.codes_of(model, method, ["Hello there.", "x"], max_new_tokens=20, **options)
    assert [len(row) for row in codes] == [2, 2]


TEXT = "Hello there, my dear long friend of the house."
SITUATIONS: dict[str, tuple[Kind, dict[str, object]]] = {
    "speaker": ("custom_voice", {"speaker": "ryan", "language": "English"}),
    "dialect, streaming": ("custom_voice", {"speaker": "eric", "language": "Chinese", "non_streaming_mode": False}),
    "design": ("voice_design", {"instruct": "A warm old voice.", "language": "English"}),
    "clone": ("base", {"ref_text": "hello", "language": "English"}),
    "clone, whole text": ("base", {"ref_text": "hello", "language": "Auto", "non_streaming_mode": True}),
    "clone, sound alone": ("base", {"x_vector_only_mode": True, "language": "Auto"}),
}


@pytest.mark.parametrize("greedy", [True, False])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_prompt_is_all_that_the_talker_gets(checkpoint: Shelf, situation: str, greedy: bool) -> None:
    """What `prompt_of` takes, handed to the talker by hand, becomes the codes that `codes_of` takes."""
    kind, options = SITUATIONS[situation]
    method = "generate_voice_clone" if kind == "base" else METHODS[kind][0]
    if kind == "base":
        options = options | {"ref_audio": (tone(1.0), 24_000)}
    options = options | {"max_new_tokens": 9} | ({"do_sample": False, "subtalker_dosample": False} if greedy else {})
    model = package.load(checkpoint(kind, "small", end=-50.0))
    (codes,), (wave,) = package.codes_of(model, method, TEXT, seed=3, **options)
    assert (codes.shape, len(wave)) == ((8, 16), 8 * 1920)
    (prompt,) = package.prompt_of(model, method, TEXT, **options)
    torch.manual_seed(3)
    with package.quiet(), torch.no_grad():
        made = model.model.talker.generate(
            inputs_embeds=prompt.inputs[None],
            trailing_text_hidden=prompt.trailing[None],
            attention_mask=torch.ones(1, len(prompt.inputs), dtype=torch.long),
            **prompt.options,
        )
    assert torch.equal(codes, torch.cat([step[-1] for step in made.hidden_states if step[-1] is not None]))


def test_prompts_come_without_the_padding_of_their_batch(checkpoint: Shelf) -> None:
    model = package.load(checkpoint("custom_voice"))
    method, options = METHODS["custom_voice"]
    together = package.prompt_of(model, method, ["A longer text than the other.", "x"], **options)
    for text, row in zip(["A longer text than the other.", "x"], together, strict=True):
        (alone,) = package.prompt_of(model, method, text, **options)
        torch.testing.assert_close(row.inputs, alone.inputs)
    assert together[0].options["min_new_tokens"] == 2


def test_the_same_arguments_make_the_same_checkpoint(checkpoint: Shelf, tmp_path: Path) -> None:
    first, again = checkpoint("base"), make(tmp_path / "again", "base")
    # what was packed of a checkpoint that was loaded is not part of it
    names = sorted(str(file.relative_to(first)) for file in first.rglob("*.*") if file.name != NAME)
    assert all((first / name).read_bytes() == (again / name).read_bytes() for name in names)
    assert names == sorted(str(file.relative_to(again)) for file in again.rglob("*.*"))


def test_the_package_reads_shards(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("custom_voice"), tmp_path / "sharded")
    damage.shard(folder)
    method, options = METHODS["custom_voice"]
    whole, parts = (
        package.prompt_of(package.load(where), method, "Hi.", **options)
        for where in (checkpoint("custom_voice"), folder)
    )
    assert torch.equal(whole[0].inputs, parts[0].inputs)


def test_nothing_heavy_is_needed_to_clone(checkpoint: Shelf) -> None:
    program = f"""
import sys
unwanted = "librosa soundfile torchaudio onnxruntime sox gradio einops numba scipy sklearn accelerate".split()
sys.modules |= dict.fromkeys(unwanted)
import numpy, pathlib
from models.qwen.encoder import Encoder
prompt = Encoder(pathlib.Path({str(checkpoint("base"))!r})).prompt(numpy.ones(24000, "float32"), 24000, "words")
assert prompt.codes is not None and len(prompt.codes) == 13
assert not [name for name in unwanted if sys.modules.get(name)]
assert "qwen_tts.core.tokenizer_25hz.modeling_qwen3_tts_tokenizer_v1" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_package_is_imported_when_something_is_cloned_not_before() -> None:
    program = "import models.qwen.encoder, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"qwen_tts", "transformers", "soxr"}


@pytest.mark.parametrize("missing", ["qwen_tts", "transformers"])
def test_a_missing_package_names_the_command(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None\nfrom models.qwen import package\npackage.load()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.splitlines()[-1].endswith(f"{missing} is not installed; cloning and encoding need it: {INSTALL}")
    assert EngineUnavailable.__name__ in done.stderr


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_resampling_rounds_the_length_up(rate: int) -> None:
    wave = resample(tone(0.50001, rate), rate, 24_000)
    assert len(wave) == -(-int(0.50001 * rate) * 24_000 // rate)
    assert wave.dtype == np.float32
    assert np.abs(wave[1000:-1000] - tone(1.0)[1000 : len(wave) - 1000]).max() < 1e-3
