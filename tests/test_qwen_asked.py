"""What a line asks for, and what is said when a checkpoint cannot do it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from checkpoints import Shelf
from qwen_core import loaded

from models.backend import Line, RowFailed, StalePrompt
from models.qwen.asked import Asked
from models.qwen.checkpoint import Checkpoint
from models.qwen.clone import ClonePrompt


def prompt(model: Checkpoint, number: int = 0, text: str = "said", **others: Any) -> bytes:
    codes = torch.full((3, 16), number)
    given = {
        "embedding": torch.full((model.shape.talker.hidden,), 0.5),
        "codes": codes if text else None,
        "model": model.voiceprint,
    }
    return ClonePrompt(**{**given, "text": text, **others}).to_bytes()


@pytest.fixture(scope="module")
def base(checkpoint: Shelf) -> Checkpoint:
    return loaded(checkpoint("base"))


def test_a_preset_has_its_name_and_language(checkpoint: Shelf) -> None:
    asked = Asked(loaded(checkpoint("custom_voice")))
    part = asked.part(Line("ryan", "de-AT", 0))
    assert (part.speaker, part.language, part.embedding, part.reference, list(part.instruction)) == (
        "ryan", "german", None, None, [],
    )  # fmt: skip
    assert asked.part(Line("ryan", "auto", 0)).language is None
    with pytest.raises(RowFailed, match="no speaker 'bob'"):
        asked.part(Line("bob", "en", 0))


def test_a_prompt_goes_before_a_preset_and_its_dialect(checkpoint: Shelf) -> None:
    model = loaded(checkpoint("custom_voice"))
    part = Asked(model).part(Line("eric", "zh", 0, voice_prompt=prompt(model, text="")))
    assert (part.speaker, part.language, part.reference) == (None, "chinese", None)
    assert part.embedding is not None and float(part.embedding[0]) == 0.5


def test_a_tuned_base_has_speakers_beside_clones(base: Checkpoint) -> None:
    model = replace(base, shape=replace(base.shape, speakers={"grandma": 3}))
    asked = Asked(model)
    part = asked.part(Line("grandma", "en", 0))
    assert (part.speaker, part.embedding, asked.heard(Line("grandma", "en", 0)).position) == ("grandma", None, 0)
    part = asked.part(Line("grandma", "en", 0, voice_prompt=prompt(model)))
    assert part.speaker is None and part.embedding is not None
    with pytest.raises(RowFailed, match="no speaker ''"):
        asked.part(Line("", "en", 0))


def test_a_described_voice_takes_no_prompt(checkpoint: Shelf, base: Checkpoint) -> None:
    design = loaded(checkpoint("voice_design"))
    for one in (prompt(base), prompt(design, text="")):
        with pytest.raises(RowFailed, match="takes no voice prompts"):
            Asked(design).part(Line("designed", "en", 0, voice_prompt=one))


def test_a_language_that_a_checkpoint_has_not_is_refused(checkpoint: Shelf) -> None:
    model = loaded(checkpoint("custom_voice"))
    few = {"english": model.shape.languages["english"]}
    asked = Asked(replace(model, shape=replace(model.shape, languages=few)))
    assert asked.part(Line("ryan", "en", 0)).language == "english"
    with pytest.raises(RowFailed, match="does not speak french"):
        asked.part(Line("ryan", "fr", 0))


def test_instructions_go_to_those_that_were_trained_on_them(checkpoint: Shelf, base: Checkpoint) -> None:
    told = Line("ryan", "en", 0, instruct="  Whisper. ")
    small, large, design = (
        loaded(checkpoint(kind, shape))
        for kind, shape in (("custom_voice", "nano"), ("custom_voice", "small"), ("voice_design", "nano"))
    )
    assert list(Asked(small).part(told).instruction) == []
    assert list(Asked(large).part(told).instruction) == large.tokens.instruction("Whisper.")
    assert list(Asked(design).part(told).instruction) == design.tokens.instruction("Whisper.")
    assert list(Asked(large).part(Line("ryan", "en", 0, instruct="  ")).instruction) == []
    cloned = Line("", "en", 0, instruct="Whisper.", voice_prompt=prompt(base))
    assert list(Asked(base).part(cloned).instruction) == []


def test_sampling_is_the_checkpoint_s_and_then_the_line_s(base: Checkpoint) -> None:
    sampling = Asked(base).sampling(Line("", "en", 0, sampling={"top_k": 3}))
    assert (sampling.talker.top_k, sampling.predictor.top_k, sampling.repetition_penalty) == (3, 50, 1.05)
    with pytest.raises(RowFailed, match="top_p"):
        Asked(base).sampling(Line("", "en", 0, sampling={"top_p": 0}))


def test_a_clone_in_context_and_by_its_embedding(base: Checkpoint) -> None:
    asked = Asked(base)
    whole = asked.part(Line("", "en", 0, voice_prompt=prompt(base)))
    assert whole.embedding is not None
    assert whole.reference is not None
    assert list(whole.reference.text) == base.tokens.encode("said")
    assert whole.reference.codes.shape == (3, 16)
    sound = asked.part(Line("", "auto", 0, voice_prompt=prompt(base, text="")))
    assert (sound.reference, sound.language) == (None, None)


def test_a_codec_has_heard_the_reference_and_every_row_has_its_own(base: Checkpoint) -> None:
    asked = Asked(base)
    told = Line("", "en", 0, voice_prompt=prompt(base, 5))
    one, other = asked.heard(told), asked.heard(told)
    assert one.position == other.position == 3
    assert one.tails.data_ptr() != other.tails.data_ptr()
    before = other.tails.clone()
    base.codec.decode([one], torch.zeros(1, 16, 2, dtype=torch.long))
    assert torch.equal(other.tails, before)
    assert torch.equal(asked.heard(told).tails, before)
    assert asked.heard(Line("", "en", 0, voice_prompt=prompt(base, text=""))).position == 0


def test_a_voice_is_read_once_and_few_are_kept(base: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, read = Asked(base), []
    primed = base.codec.prime
    monkeypatch.setattr(
        base.codec, "prime", lambda state, codes: (read.append(int(codes[0, 0])), primed(state, codes))[1]
    )
    for number in [1, 1, 2, 1, *range(3, 12), 1, 2]:
        told = Line("", "en", 0, voice_prompt=prompt(base, number))
        asked.part(told)
        asked.heard(told)
    assert read == [*range(1, 12), 1, 2]
    assert len(asked._voices) == 8


def test_a_voice_that_cannot_be_used_is_refused(base: Checkpoint, checkpoint: Shelf) -> None:
    other = loaded(checkpoint("base", "small"))
    with pytest.raises(RowFailed, match="none was given"):
        Asked(base).part(Line("", "en", 0))
    for given, words in (
        (b"", "not a clone prompt"),
        (prompt(other), "another model"),
        (prompt(base, 64), "above 63"),
    ):
        with pytest.raises(StalePrompt, match=words):
            Asked(base).part(Line("", "en", 0, voice_prompt=given))
