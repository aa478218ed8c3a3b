"""How a text would be read aloud, and where each part of it was typed."""

from __future__ import annotations

import pytest

from daemon.core import Voiced
from daemon.faults import Malformed, NothingToSay, TextTooLong, UnknownVoice
from daemon.making.preview import Passage, Preview
from daemon.text.score import BadMarkup, Pause
from daemon.utterance import Utterance
from models.engine import State
from tests.kept import RECORDING, Family, Start, clone, hear, models
from voices.lexicon import Entry
from voices.profile import Reference

__all__ = ["models"]

TYPED = (
    "# News 🌙\n\n**Ngô** has [pause 300ms] *12* lights. [voice tone-2][Docs](https://example.com) say: `3 kg`![/voice]\n"
    '- [sub alias="Doctor Who"]Dr. Who[/sub] comes &mdash; \\[really] at 5 pm 😀. Ngô too.'
)


async def preview(voiced: Voiced, text: str, **wishes: object) -> Preview:
    return await voiced.previewer.preview(Utterance(text, **wishes))  # type: ignore[arg-type]


def passages(made: Preview) -> list[Passage]:
    return [one for one in made.passages if isinstance(one, Passage)]


async def test_offsets_are_those_of_the_typed_text(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.pronunciation.words.put(Entry("Ngô", "Ngo"))
    made = await preview(voiced, TYPED, language="en", normalize="on")
    words = [word for one in passages(made) for sentence in one.sentences for word in sentence.words]
    assert [(word.typed, word.spoken) for word in words if word.typed == "Ngô"] == [("Ngô", "Ngo")] * 2
    assert {word.typed for word in words} >= {"Ngô", "12", "3 kg"}
    for word in words:
        assert TYPED[word.start : word.end] == word.typed
    sentences = [sentence for one in passages(made) for sentence in one.sentences]
    for sentence in sentences:
        assert 0 <= sentence.start < sentence.end <= len(TYPED)
        assert TYPED[sentence.start] == sentence.cleaned[0] or "Doctor" in sentence.cleaned
        assert all(sentence.start <= one.start <= one.end <= sentence.end for one in sentence.stretches)
    assert [one.start for one in sentences] == sorted(one.start for one in sentences)


async def test_the_parts_are_those_that_are_spoken(start: Start, models: Family) -> None:
    voiced = await start()
    made = await preview(voiced, TYPED, language="en")
    assert [one if isinstance(one, Pause) else one.voice for one in made.passages] == [
        "tone", Pause(0.3, TYPED.index("[pause")), "tone", "tone-2", "tone",
    ]  # fmt: skip
    await hear(voiced, TYPED, language="en")
    spoken = " ".join(sentence.spoken for one in passages(made) for sentence in one.sentences)
    assert spoken.split() == " ".join(models[0].feeds).split()


async def test_nothing_is_loaded_and_no_voice_is_made(start: Start, models: Family) -> None:
    voiced = await start(preload=False)
    voiced.store.create(clone("anna", reference=Reference("", "", None, "embedding")), RECORDING, "wav")
    made = await preview(voiced, "Good evening.", voice="anna", language="de")
    (one,) = passages(made)
    assert (one.voice, one.language, one.model) == ("anna", "de", "cloner")
    assert [line for tone in models for line in [*tone.lines, *tone.imprinted]] == []
    assert {one.state for one in voiced.engine.status().models} == {State.UNLOADED}


async def test_what_was_passed_over_is_told(start: Start, models: Family) -> None:
    voiced = await start()
    made = await preview(voiced, "Say [gesture wave=2] this.", markup="on")
    assert "[gesture wave=2] is no tag" in made.warnings[0]
    assert (await preview(voiced, "Say [gesture wave=2] this.")).warnings == []


@pytest.mark.parametrize(
    ("text", "wishes", "fault"),
    [
        ("…", {}, NothingToSay),
        ("[pause 1s]", {}, NothingToSay),
        ("[gesture wave=2] Hi.", {"markup": "strict"}, BadMarkup),
        ("Hi. [voice nobody]Ho.", {}, UnknownVoice),
        ("Hi.", {"language": "not a tag"}, Malformed),
        ("word " * 100, {}, TextTooLong),
    ],
)
async def test_what_cannot_be_spoken_cannot_be_shown(
    start: Start, models: Family, text: str, wishes: dict[str, object], fault: type[Exception]
) -> None:
    voiced = await start(max_text=300)
    with pytest.raises(fault):
        await preview(voiced, text, **wishes)
