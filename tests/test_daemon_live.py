"""Text that is spoken as it is written, on a tone that takes it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.faults import LanguageNotSpoken, NothingToSay, UnknownVoice
from daemon.text.clean import clean
from daemon.utterance import Utterance
from models.stream import DeadlinePassed
from tests.live import LiveTone, choice

Start = Callable[..., Awaitable[Voiced]]
TEXT = "# News\nThe **kitchen** light is on.  It is late,\n\nis it not? Good night 🌙\n"


async def pieces(text: str, size: int) -> AsyncIterator[str]:
    for at in range(0, len(text), size):
        yield text[at : at + size]


@pytest.fixture
def tone(monkeypatch: pytest.MonkeyPatch) -> LiveTone:
    tone = LiveTone()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    return tone


async def say(
    voiced: Voiced, text: str = "", written: AsyncIterator[str] | Writing | None = None, **wishes: object
) -> bytes:
    async with voiced.speech.open(Utterance(text=text, **wishes), written) as take:  # type: ignore[arg-type]
        return b"".join([pcm async for pcm in take])


@pytest.mark.parametrize("wishes", [{}, {"voice": "tone"}, {"voice": "tone-2", "language": "de"}])
async def test_what_is_fed_is_the_cleaned_text_however_it_comes(
    start: Start, tone: LiveTone, wishes: dict[str, str]
) -> None:
    voiced, heard, lines = await start(), [], []
    for size in (1, 3, 1000, None):
        tone.feeds.clear()
        written = None if size is None else pieces(TEXT, size)
        heard.append(await say(voiced, TEXT if written is None else "", written, seed=1, **wishes))
        lines.append(tone.lines[-1])
        assert "".join(tone.feeds) == clean(TEXT)
        assert (len(tone.feeds) > 10) is (size in (1, 3))
    assert len(set(heard)) == 1
    assert all(line == lines[0] for line in lines)


async def test_a_voice_of_many_languages_waits_for_the_first_words(start: Start, tone: LiveTone) -> None:
    voiced = await start(flush=5)
    writing = Writing()
    opening = asyncio.create_task(say(voiced, "", writing, voice="tone"), name="speech")
    for word in "Das Fenster in der Küche steht offen, und es regnet".split(" "):
        assert tone.lines == []
        writing.write(word + " ")
        await asyncio.sleep(0.01)
        if tone.lines:
            break
    async with asyncio.timeout(20):
        while not tone.lines:
            await asyncio.sleep(0.01)
    assert tone.lines[0].language == "de"
    writing.end()
    await opening


async def test_with_a_language_speech_starts_with_the_first_letters(start: Start, tone: LiveTone) -> None:
    voiced = await start(flush=5)
    writing = Writing()
    async with voiced.speech.open(Utterance(language="en"), writing) as take:
        writing.write("He")
        await asyncio.wait_for(take.begin(), 20)
        assert tone.feeds == ["He"]
        writing.end()
        async for _ in take:
            pass


async def test_a_writer_that_pauses_is_not_held_to_the_deadline(start: Start, tone: LiveTone) -> None:
    """An engine that holds unstable text back owes nothing while it has nothing to say."""
    voiced = await start(deadline=1.0, flush=0.05)
    tone.step = lambda slots: [_dry(slot) for slot in slots] if len(tone.feeds) < 2 else LiveTone.step(tone, slots)  # type: ignore[method-assign]
    writing = Writing()
    speech = asyncio.create_task(say(voiced, "", writing, language="en"), name="speech")
    writing.write("Wai")
    await asyncio.sleep(1.3)
    assert not speech.done()
    writing.write("t for it.")
    writing.end()
    assert len(await speech) == len("Wait for it.") * 3840


async def test_the_deadline_holds_while_there_is_text(start: Start, tone: LiveTone) -> None:
    voiced = await start(deadline=0.1, slots=1)
    tone.step = lambda slots: [_silent(slot) for slot in slots]  # type: ignore[method-assign]
    with pytest.raises(DeadlinePassed):
        await say(voiced, "Nothing comes.")


@pytest.mark.parametrize("text", ["", "…", "🌙 !!", "\n\n"])
async def test_without_a_word_there_is_nothing_to_say(start: Start, tone: LiveTone, text: str) -> None:
    voiced = await start()
    for wishes in ({}, {"language": "en"}):
        for written in (None, pieces(text, 1)):
            with pytest.raises(NothingToSay):
                await say(voiced, text if written is None else "", written, **wishes)
    assert tone.feeds == []


async def test_mistakes_are_told_before_the_text_has_ended(start: Start, tone: LiveTone) -> None:
    voiced = await start()
    with pytest.raises(UnknownVoice):
        await asyncio.wait_for(say(voiced, "", Writing(), voice="nobody"), 20)
    writing = Writing()
    writing.write("Καλημέρα σας, αγαπητοί μου φίλοι, τι κάνετε σήμερα;")
    with pytest.raises(LanguageNotSpoken):
        await asyncio.wait_for(say(voiced, "", writing), 20)


async def test_the_run_holds_the_text_and_the_seed_that_was_used(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    tone = LiveTone(runs_away=2)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    voiced = await start()
    async with voiced.speech.open(Utterance(seed=7, door="rest"), pieces(TEXT, 3)) as take:
        assert take.seed == 7
        await take.begin()
        assert take.seed == 9
        async for _ in take:
            pass
    assert take.run_id is not None
    run = voiced.runs.find(take.run_id)
    assert (run.meta["seed"], run.input["seed"], run.input["text"]) == (9, 7, TEXT)


def _dry(slot: int):  # type: ignore[no-untyped-def]
    from models.backend import Frame

    return Frame(slot, dry=True)


def _silent(slot: int):  # type: ignore[no-untyped-def]
    from models.backend import Frame

    return Frame(slot)
