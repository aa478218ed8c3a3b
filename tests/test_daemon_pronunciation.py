"""The lexicon and the normaliser on their way into a voice."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from daemon.faults import NothingToSay
from daemon.making.preview import Passage
from daemon.utterance import Normalize, Utterance
from tests.kept import Family, Start, hear, models, pieces, say
from voices.lexicon import Entry

__all__ = ["models"]

TEXT = "Ngô has 12 lights. All are on."


def said(feeds: Iterable[str]) -> str:
    return "".join(feeds)


async def test_a_model_of_living_text_gets_it_as_it_is(start: Start, models: Family) -> None:
    voiced = await start()
    for normalize in (None, "auto", "off"):
        models[0].feeds.clear()
        await say(voiced, TEXT, language="en", normalize=normalize)
        assert models[0].feeds == [TEXT]


async def test_what_is_read_comes_by_sentences_with_a_blank_between(start: Start, models: Family) -> None:
    voiced = await start()
    heard = []
    for written in (None, pieces(TEXT, 1), pieces(TEXT, 4)):
        models[0].feeds.clear()
        text = TEXT if written is None else ""
        heard.append(await say(voiced, text, written, language="en", normalize="on", seed=1))
        assert said(models[0].feeds) == "Ngô has twelve lights. All are on. "
    assert len(set(heard)) == 1


async def test_the_settings_speak_where_a_request_does_not(start: Start, models: Family) -> None:
    voiced = await start(normalize="on")
    await say(voiced, "12 lights", language="en")
    await say(voiced, "12 lights", language="en", normalize="off")
    assert said(models[0].feeds) == "twelve lights 12 lights"


async def test_auto_is_for_voices_that_need_it(start: Start) -> None:
    voiced = await start(engine="builtin", preload=False)
    wishes: tuple[tuple[Normalize, str], ...] = (("auto", "twelve"), ("off", "12"), ("on", "twelve"))
    for normalize, told in wishes:
        made = await voiced.previewer.preview(Utterance("12 lights", language="en", normalize=normalize))
        assert isinstance(made.passages[0], Passage)
        assert made.passages[0].sentences[0].spoken == f"{told} lights"


async def test_a_word_is_said_as_the_lexicon_says_at_once(start: Start, models: Family) -> None:
    voiced = await start()
    words = voiced.pronunciation.words
    await say(voiced, "Ngô.", language="en")
    words.put(Entry("Ngô", "Ngo"))
    await say(voiced, "Ngô.", language="en")
    words.path.write_text(words.path.read_text().replace('"Ngo"', '"No"'))
    await say(voiced, "Ngô.", language="en")
    words.path.write_text("{")  # broken: what was there holds
    await say(voiced, "Ngô.", language="en")
    words.path.unlink()
    time.sleep(0.01)
    await say(voiced, "Ngô.", language="en")
    assert models[0].feeds == ["Ngô.", "Ngo. ", "No. ", "No. ", "Ngô."]


async def test_words_of_a_language_and_of_a_voice(start: Start, models: Family) -> None:
    voiced = await start()
    for entry in (
        Entry("Ngô", "Nnn", "de"), Entry("Ngô", "Ngo", "de", "tone-2"), Entry(r"K(\d)", r"Kay \1", regex=True),
        Entry("Tim", "Timothy", voice="tone"),
    ):  # fmt: skip
        voiced.pronunciation.words.put(entry)
    text = "[voice tone-2][lang de]Ngô[/lang][/voice] [lang de]Ngô[/lang] [lang en]Ngô, K2, Tim[/lang]"
    await say(voiced, text, language="en", voice="tone")
    assert said(models[0].feeds) == "Ngo Nnn Ngô, Kay 2, Timothy "


async def test_the_lexicon_goes_before_the_normaliser(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.pronunciation.words.put(Entry("12 lights", "a dozen"))
    await say(voiced, "12 lights and 13.", language="en", normalize="on")
    assert said(models[0].feeds) == "a dozen and thirteen. "


async def test_a_word_that_is_not_said_leaves_a_text_without_one(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.pronunciation.words.put(Entry("hm", ""))
    _, take = await hear(voiced, "Hm. Yes.", language="en")
    assert (said(models[0].feeds), take.outcome) == ("Yes. ", "stop")
    for written in (None, pieces("Hm.", 1)):
        with pytest.raises(NothingToSay):
            await say(voiced, "Hm." if written is None else "", written, language="en", voice="tone")


async def test_a_hint_asks_for_the_normaliser(start: Start, models: Family) -> None:
    voiced = await start()
    await say(voiced, "[say as=cardinal]12[/say] [say as=digits]12[/say]", language="en", normalize="off")
    assert said(models[0].feeds).split() == ["twelve", "1", "2"]
