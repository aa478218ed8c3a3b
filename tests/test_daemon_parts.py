"""The parts of a text: what is said in one manner, and the pauses between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import settings
from daemon.faults import TextTooLong
from daemon.parts import Part, Pause, Whole, Written, marked, whole, written
from daemon.text.score import BadMarkup, Manner
from daemon.text.sentences import split
from daemon.utterance import Markup

READ = settings.read({"engine": "tone", "flush": 5}, environ={})
PIECES = st.lists(
    st.sampled_from(
        [
            "Hello",
            " there",
            ". ",
            "[voice anna]",
            "[/voice]",
            "[pause]",
            "[rate 2]",
            "[/rate]",
            "**",
            "…",
            " ",
            "\n\n",
            "[x]",
        ]
    ),
    max_size=12,
)


def test_words_of_one_manner_are_one_part() -> None:
    warnings: list[str] = []
    text = "One [gesture wave=2] two. [pause 1s] **Three**. [voice anna]Four[/voice] [voice bert] … [/voice]"
    assert marked(text, "on", warnings) == [
        ("One two.", Manner()), Pause(1.0, 26), ("Three.", Manner()), ("Four", Manner(voice="anna")),
    ]  # fmt: skip
    assert ["[gesture wave=2] is no tag" in one for one in warnings] == [True]
    assert marked("[pause] …", "auto", []) == [Pause(0.5, 0)]
    assert marked("", "auto", []) == []
    with pytest.raises(BadMarkup):
        marked(text, "strict", [])


@pytest.mark.parametrize("size", [1, 1000])
async def test_silence_has_an_end(size: int) -> None:
    text, warnings = "Word. " + "[pause 10s]" * 181 + "[pause 1s] Word.", list[str]()
    parts = marked(text, "auto", warnings)
    rests = [part.seconds for part in parts if isinstance(part, Pause)]
    assert (sum(rests), rests[-2:], len(warnings), parts[-1]) == (1800.0, [0.0, 0.0], 1, ("Word.", Manner()))
    late = list[str]()
    async with aclosing(
        written(each([text[at : at + size] for at in range(0, len(text), size)]), "auto", late, [], READ)
    ) as found:
        assert [one for one in await heard(found) if isinstance(one, float)] == rests
    assert late == warnings


async def heard(parts: AsyncIterator[Part | Pause]) -> list[tuple[str, Manner] | float]:
    """What each part says, as a voice of sentences would get it."""
    found: list[tuple[str, Manner] | float] = []
    async for part in parts:
        if isinstance(part, Pause):
            found.append(part.seconds)
            continue
        said = " ".join([one async for one in sentences(part)])
        if said:
            found.append((said, part.manner))
    return found


async def sentences(part: Part) -> AsyncIterator[str]:
    if isinstance(part, Written):
        async for one in part._text.sentences():
            yield one
    elif isinstance(part, Whole):
        for one in split(part._text):
            yield one


async def each(texts: list[str]) -> AsyncIterator[str]:
    for one in texts:
        yield one


@given(PIECES)
def test_the_parts_are_the_same_however_the_text_comes(texts: list[str]) -> None:
    async def both(markup: Markup) -> None:
        at_once, late = list[str](), list[str]()
        text = "".join(texts)

        async def known() -> AsyncIterator[Part | Pause]:
            for part in await whole(text, markup, at_once):
                yield part

        wanted, typed = await heard(known()), list[str]()
        for cut in (texts, list(text)):
            late.clear()
            typed.clear()
            async with aclosing(written(each(cut), markup, late, typed, READ)) as parts:
                assert await heard(parts) == wanted
            assert (late, "".join(typed)) == (at_once, text)

    for markup in ("auto", "on", "off"):
        asyncio.run(both(markup))  # type: ignore[arg-type]


async def test_a_text_without_end_is_cut_off() -> None:
    read = settings.read({"engine": "tone", "max_text": 20}, environ={})
    async with aclosing(written(each(["word "] * 10), "auto", [], [], read)) as parts:
        with pytest.raises(TextTooLong, match="passes 20 characters"):
            await heard(parts)


async def test_who_leaves_leaves_no_task() -> None:
    before = asyncio.all_tasks()

    async def endless() -> AsyncIterator[str]:
        while True:
            yield "word [voice anna]"
            await asyncio.sleep(0.001)

    async with aclosing(written(endless(), "auto", [], [], READ)) as parts:
        assert await anext(parts)
        assert asyncio.all_tasks() > before
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
