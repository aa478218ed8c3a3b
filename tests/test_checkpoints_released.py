"""What is known of the released models before any of them is here."""

from __future__ import annotations

import pytest

from models.checkpoints.memory import BYTES, CODEC_DECODER, CODEC_ENCODER, WEIGHTS, memory
from models.checkpoints.released import RELEASES, capabilities, default, find


def test_the_six_that_were_released() -> None:
    assert [release.id.removeprefix("Qwen/Qwen3-TTS-") for release in RELEASES] == [
        "12Hz-0.6B-CustomVoice",
        "12Hz-1.7B-CustomVoice",
        "12Hz-1.7B-VoiceDesign",
        "12Hz-0.6B-Base",
        "12Hz-1.7B-Base",
        "Tokenizer-12Hz",
    ]
    assert {release.licence for release in RELEASES} == {"Apache-2.0"}
    assert {len(release.languages) for release in RELEASES} == {10}


@pytest.mark.parametrize(
    "name", ["Qwen/Qwen3-TTS-12Hz-0.6B-Base", "qwen3-tts-12hz-0.6b-base", "QWEN3-TTS-0.6B-BASE", "qwen3-tts-0.6b-base"]
)
def test_a_release_has_three_names_in_any_case(name: str) -> None:
    found = find(name)
    assert found is not None
    assert (found.folder, found.slug) == ("Qwen3-TTS-12Hz-0.6B-Base", "qwen3-tts-0.6b-base")


@pytest.mark.parametrize("name", ["", "base", "Qwen/", "someone/Qwen3-TTS-12Hz-0.6B-Base", "qwen3-tts-0.6b"])
def test_nothing_else_is_a_release(name: str) -> None:
    assert find(name) is None


def test_one_default_for_each_task() -> None:
    assert default("custom_voice").slug == "qwen3-tts-0.6b-customvoice"
    assert default("voice_design").slug == "qwen3-tts-1.7b-voicedesign"
    assert default("base").slug == "qwen3-tts-0.6b-base"
    assert default("tokenizer").slug == "qwen3-tts-tokenizer"
    assert sum(release.default for release in RELEASES) == 4


def test_what_each_can_do() -> None:
    small, large = capabilities("custom_voice", "0.6B"), capabilities("custom_voice", "1.7B")
    assert (small.presets, small.dialects, small.instruct) == (True, True, False)
    assert (large.presets, large.dialects, large.instruct) == (True, True, True)
    design, base = capabilities("voice_design", "1.7B"), capabilities("base", "0.6B")
    assert (design.design, design.instruct, design.presets) == (True, True, False)
    assert (base.clone_in_context, base.clone_by_embedding, base.instruct) == (True, True, False)
    assert all(one.streaming_text for one in (small, large, design, base))
    assert not any(getattr(capabilities("tokenizer", ""), name) for name in ("presets", "design", "streaming_text"))


@pytest.mark.parametrize(("size", "task", "file_bytes"), [
    ("0.6B", "custom_voice", 1_811_626_576),
    ("1.7B", "custom_voice", 3_833_402_552),
    ("0.6B", "base", 1_829_344_272),
    ("1.7B", "base", 3_857_413_744),
])  # fmt: skip
def test_the_weights_add_up_to_the_released_files(size: str, task: str, file_bytes: int) -> None:
    weights = WEIGHTS[size]
    total = weights.linear + weights.embedding + (weights.speaker_encoder if task == "base" else 0)
    assert total * 2 == pytest.approx(file_bytes, rel=2e-4)  # norms and the file's head are not counted
    codec = CODEC_DECODER + CODEC_ENCODER
    assert codec * 4 == pytest.approx(682_293_092, rel=1e-3)


def test_memory_falls_with_the_precision() -> None:
    for release in RELEASES[:-1]:
        needed = [memory(release.size, release.task, dtype) for dtype in ("float32", "bfloat16", "int8", "int4")]
        assert needed == sorted(needed, reverse=True)
        assert memory(release.size, release.task, "float16") == needed[1]
    assert memory("0.6B", "custom_voice", "int8") == pytest.approx(1.72e9, rel=0.01)
    assert {memory("", "tokenizer", dtype) for dtype in BYTES} == {4 * (CODEC_DECODER + CODEC_ENCODER)}
