"""Where voices lie, and how near two of them are."""

from __future__ import annotations

import pytest

from daemon.faults import UnknownVoice, Unspeakable
from daemon.making.likeness import Embedding, similarity
from models.backend import StalePrompt
from tests.kept import RECORDING, Family, Start, clone, design, models, preset, say
from tests.test_outputs_decoder import TONE, wav
from voices.profile import Reference

__all__ = ["models"]


async def test_a_recording_and_the_voice_made_of_it_are_the_same(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.store.create(clone("anna", reference=Reference("", "", None, "embedding")), RECORDING, "wav")
    recording = await voiced.likeness.embedding(RECORDING, None)
    anna = await voiced.likeness.embedding(None, "anna")
    other = await voiced.likeness.embedding(wav(TONE[: len(TONE) // 2]), None)
    assert (recording.model, len(recording.vector)) == ("cloner", 16)
    assert similarity(recording, anna) == pytest.approx(1)
    assert -1 < similarity(recording, other) < 0.99
    assert len(models[2].imprinted) == 2


async def test_a_preset_lies_where_its_speaker_does(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.store.create(preset("calm"))
    calm, tone2, tone = [await voiced.likeness.embedding(None, name) for name in ("calm", "tone-2", "tone")]
    assert calm == tone2 != tone
    assert similarity(calm, tone2) == pytest.approx(1)


async def test_what_has_no_place_says_so(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.store.create(design("sailor"))
    for audio, voice in ((None, None), (RECORDING, "tone")):
        with pytest.raises(Unspeakable, match="give one of them"):
            await voiced.likeness.embedding(audio, voice)
    with pytest.raises(Unspeakable, match="'sailor' is a voice of designer, which has no speaker embeddings"):
        await voiced.likeness.embedding(None, "sailor")
    with pytest.raises(UnknownVoice):
        await voiced.likeness.embedding(None, "nobody")
    with pytest.raises(Unspeakable, match="cloner can"):
        await voiced.likeness.embedding(RECORDING, None, "tone")


async def test_a_stale_prompt_is_made_again_at_the_next_request(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    voiced.store.create(clone("anna", reference=Reference("", "", None, "embedding")), RECORDING, "wav")
    await say(voiced, "Hello.", voice="anna")
    cloner.stale.add(cloner.lines[0].voice_prompt or b"")
    with pytest.raises(StalePrompt):
        await voiced.likeness.embedding(None, "anna")
    cloner.stale.clear()
    await voiced.likeness.embedding(None, "anna")
    assert len(cloner.imprinted) == 2


def test_voices_of_two_models_cannot_be_compared() -> None:
    with pytest.raises(Unspeakable, match="voices of a and of b cannot be compared"):
        similarity(Embedding("a", [1, 2]), Embedding("b", [1, 2, 3]))
    assert similarity(Embedding("a", [1, 0]), Embedding("a", [0, 3])) == 0
    assert similarity(Embedding("a", [0, 0]), Embedding("a", [0, 3])) == 0
