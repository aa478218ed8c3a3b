"""A stretch that is spoken sentence by sentence: the same words, and when each sentence is heard."""

from __future__ import annotations

import asyncio

import pytest

from daemon import recital
from daemon.core import Voiced
from daemon.delivery import Delivery
from daemon.dictation import Writing
from daemon.recital import Recital, noted
from daemon.strand import Strand
from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon
from daemon.utterance import Utterance
from models.backend import Line
from models.batch import QueueFull
from tests.kept import FRAME, Family, Start, hear, models, rows
from tests.sounds import RATE, regions

__all__ = ["models"]

TEXT = "Do re mi. Fa so la! Who sings?"
NOTE = 1920
GAP = round(0.12 * RATE)


def bench(voiced: Voiced, opened: list[Strand] | None = None, gap: bytes = b"") -> Recital:
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")

    def enter(first: bool) -> Strand:
        strand = Strand(role, voiced.engine.open(Line("tone", "en", 1, model="tone")), Delivery())
        if opened is not None:
            opened.append(strand)
        return strand

    return Recital(role, noted(None, "en", "tone"), enter, gap)


def write(strand: Recital, *sentences: str) -> None:
    assert strand.reading is not None
    for sentence in sentences:
        for piece in strand.reading.sentence(sentence):
            strand.speak(piece)


async def read(strand: Strand) -> bytes:
    heard = []
    while pcm := await strand.read():
        heard.append(pcm)
    return b"".join(heard)


async def test_every_sentence_is_told_to_the_sample(start: Start, models: Family) -> None:
    voiced = await start()
    pcm, take = await hear(voiced, TEXT, voice="tone", language="en", subtitles=("srt",))
    sentences = ["Do re mi.", "Fa so la!", "Who sings?"]
    at = 0
    for told, text in zip(take.sentences, sentences, strict=True):
        assert (told.text, told.begin, told.end, told.voice) == (text, at, at + len(text) * NOTE, "tone")
        at = told.end + GAP
    assert len(pcm) == sum(map(len, sentences)) * FRAME + 2 * 2 * GAP
    assert rows(voiced) == (0, 0)


async def test_the_built_in_voice_says_the_same_with_subtitles_and_without(start: Start) -> None:
    voiced = await start(engine="builtin")
    text = "The light is on. It was 3.5 degrees! [pause 300ms] Nobody slept."
    for wishes in ({}, {"gain": -12.0}):
        plain, _ = await hear(voiced, text, voice="heart", seed=3, **wishes)
        pcm, take = await hear(voiced, text, voice="heart", seed=3, subtitles=("srt",), **wishes)
        assert pcm == plain
        assert [one.text for one in take.sentences] == ["The light is on.", "It was 3.5 degrees!", "Nobody slept."]


@pytest.mark.parametrize("wishes", [{}, {"speed": 1.5}, {"speed": 0.7}, {"pitch": 5.0}, {"gain": -25.0}], ids=str)
async def test_times_are_those_of_the_sound(start: Start, wishes: dict[str, float]) -> None:
    voiced = await start(engine="builtin")
    text = (
        "The kitchen light is on. It was warm last night! [pause 900ms] Nobody had expected that. "
        "[voice pico-de]Guten Morgen ihr Lieben.[/voice] [rate 1.2]She left the house.[/rate]"
    )
    pcm, take = await hear(voiced, text, voice="heart", language="en", seed=1, subtitles=("srt",), **wishes)
    assert [one.voice for one in take.sentences] == ["heart", "heart", "heart", "pico-de", "heart"]
    found = regions(pcm, 0.2)
    assert len(found) == 5
    for told, (begin, end) in zip(take.sentences, found, strict=True):
        assert told.begin / RATE == pytest.approx(begin, abs=0.02), told
        assert told.end / RATE == pytest.approx(end, abs=0.04), told


async def test_a_text_that_is_written_is_told_as_it_was_written(start: Start, models: Family) -> None:
    voiced = await start()
    writing = Writing()
    for piece in ("Do re", " mi. Fa", " so 3 la!"):
        writing.write(piece)
    writing.end()
    _, take = await hear(voiced, "", writing, voice="tone", language="en", subtitles=("vtt",), normalize="on")
    assert [one.text for one in take.sentences] == ["Do re mi.", "Fa so 3 la!"]
    assert take.sentences[1].end - take.sentences[1].begin == len("Fa so three la!") * NOTE


async def test_a_sentence_that_is_said_in_pieces_is_one(start: Start) -> None:
    voiced = await start()
    numbers = " ".join(["7777777777"] * 20)
    _, take = await hear(
        voiced, f"Count {numbers}. End.", voice="tone", language="en", normalize="on", subtitles=("srt",)
    )
    assert [one.text for one in take.sentences] == [f"Count {numbers}.", "End."]


async def test_only_one_sentence_is_made_ahead(start: Start) -> None:
    voiced, opened = await start(), list[Strand]()
    strand = bench(voiced, opened)
    write(strand, *(f"Sentence {n}." for n in range(9)))
    strand.end_text()
    assert await strand.read()
    assert len(opened) == 2
    assert len(await read(strand)) > 0 and len(opened) == 9
    assert [one.text for one in strand.heard()] == [f"Sentence {n}." for n in range(9)]


async def test_who_leaves_knows_what_was_heard(start: Start) -> None:
    voiced = await start()
    async with voiced.speech.open(Utterance(TEXT * 9, "tone", "en", subtitles=("srt",), keep=True)) as take:
        async for _ in take:
            break
    assert take.run_id is not None
    run = voiced.runs.find(take.run_id)
    assert run.state == "cancelled" and {"subtitles.srt"} <= {one["name"] for one in run.meta["artifacts"]}  # type: ignore[attr-defined,union-attr]
    assert "Do re mi." in (run.path / "subtitles.srt").read_text()
    assert rows(voiced) == (0, 0)


async def test_what_keeps_the_text_from_coming_is_raised_after_what_is_said(start: Start) -> None:
    voiced = await start()
    strand = bench(voiced)
    write(strand, "Do re.", "Mi fa.")
    first = await strand.read()
    strand.fail(ValueError("the writer fell"))
    heard = [first]
    with pytest.raises(ValueError, match="fell"):
        while pcm := await strand.read():
            heard.append(pcm)
    assert len(b"".join(heard)) in (len("Do re.") * FRAME, len("Do re.Mi fa.") * FRAME)
    whole = bench(voiced)
    write(whole, "Do re.")
    whole.end_text()
    whole.fail(ValueError("too late"))
    assert len(await read(whole)) == len("Do re.") * FRAME
    for one in (strand, whole):
        one.close()
    assert rows(voiced) == (0, 0)


async def test_without_a_word_it_ends(start: Start) -> None:
    voiced = await start()
    strand = bench(voiced)
    strand.withdraw()
    assert rows(voiced) == (0, 0)
    assert await strand.read() == b"" and strand.heard() == [] and strand.finish_reason is None
    assert rows(voiced) == (0, 0)


async def test_it_waits_for_the_next_sentence(start: Start) -> None:
    voiced = await start()
    strand = bench(voiced)
    write(strand, "Do.")
    reading = asyncio.create_task(read(strand), name="reader")
    await asyncio.sleep(0.1)
    assert not reading.done()
    write(strand, "Re.")
    strand.end_text()
    assert len(await reading) == 6 * FRAME


async def test_a_voice_that_is_cut_ends_it(start: Start, models: Family) -> None:
    voiced = await start()
    strand = bench(voiced)
    write(strand, "Do.", "Re.", "Mi.")
    strand.end_text()
    await strand.read()
    voice, _ = strand._spoken[0]
    voice._stream.finish_reason = "length"
    await read(strand)
    assert strand.finish_reason == "length"
    assert rows(voiced) == (0, 0)


async def test_a_full_queue_is_waited_for_between_sentences(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = await start()
    strand = bench(voiced)
    write(strand, "Do.", "Re.")
    strand.end_text()
    enter, full = strand._enter, [True] * 3

    def crowded(first: bool) -> Strand:
        if full:
            full.pop()
            raise QueueFull("the queue is full")
        return enter(first)

    strand._enter = crowded
    assert len(await read(strand)) == 6 * FRAME
    again = bench(voiced)
    write(again, "Do.", "Re.")
    full += [True] * 10_000
    again._enter = crowded
    monkeypatch.setattr(recital, "_PATIENCE_S", 0.1)
    with pytest.raises(QueueFull):
        await read(again)


def test_a_noted_reading_reads_as_the_plain_one() -> None:
    plain = Reading("en", "heart", Lexicon(()), normalize=True)
    reading = noted(plain, "en", "heart")
    assert reading.text("It is 5. No 7!") == plain.text("It is 5. No 7!") == ["It is five.", "No seven!"]
    assert list(reading.notes) == [("It is 5.", 1), ("No 7!", 1)]
    assert noted(None, "en", "x").text("It is 5.") == ["It is 5."]
