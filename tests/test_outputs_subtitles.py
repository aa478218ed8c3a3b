"""SRT and VTT: what is written is read back by us, by pysubs2 and by webvtt-py, to the millisecond."""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.captions import Captions, read
from daemon.text.cues import Timed, cues
from daemon.text.dialogue import Manners
from outputs.subtitles import Shown, srt, srt_pieces, time, vtt, vtt_pieces

PLAIN = Manners(notes="keep", names="off")


@dataclass(frozen=True)
class Card:
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""


CARDS = [
    Card(0, 1000, ("Hello there.",)),
    Card(1000, 2500, ("It's 10:30, and 5 < 6", "& nobody > asks; -- no."), "Anna"),
    Card(3_599_999, 3_600_001, ("Привет, мир!", "你好"), "Tom & <Bob>"),
    Card(359_999_000, 359_999_999, ("2024",)),
]
# Of what other readers take for their own: see the tests below.
LETTERS = st.sampled_from(list("abcdeXYZ 0129&<>;:.,!?'\"-éйж中の한😀[]()♪")) | st.characters(
    categories=["L", "N", "P"], exclude_characters="\\{}<&"
)
LINES = st.text(LETTERS, min_size=1, max_size=42).map(lambda line: " ".join(line.split())).filter(bool)
NAMES = (
    st.text("abc XÉж&<>.-", max_size=12)
    .map(lambda name: " ".join(name.split()))
    .filter(lambda name: not name.endswith("--"))
)


def listed(found: Captions) -> list[tuple[int, int, tuple[str, ...], str]]:
    return [(one.start_ms, one.end_ms, one.lines, one.speaker) for one in found.captions]


def by_pysubs2(text: str, kind: str) -> list[tuple[int, int, list[str]]]:
    read_back = pysubs2.SSAFile.from_string(text, format_=kind, keep_unknown_html_tags=kind == "srt")
    return [(event.start, event.end, html.unescape(event.plaintext).split("\n")) for event in read_back]


def by_webvtt(text: str) -> list[tuple[int, int, list[str], str | None]]:
    cards = webvtt.from_string(text)
    return [
        (
            card.start_time.in_milliseconds(),
            card.end_time.in_milliseconds(),
            html.unescape(card.text).split("\n"),
            card.voice and html.unescape(card.voice),
        )
        for card in cards.captions
    ]


def test_srt_is_written_as_everybody_reads_it() -> None:
    assert srt(CARDS[:2]) == (
        "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n"
        "2\n00:00:01,000 --> 00:00:02,500\nIt's 10:30, and 5 < 6\n& nobody > asks; -- no.\n\n"
    )


def test_vtt_is_written_as_everybody_reads_it() -> None:
    assert vtt(CARDS[1:3]) == (
        "WEBVTT\n\n"
        "1\n00:00:01.000 --> 00:00:02.500\n<v Anna>It's 10:30, and 5 &lt; 6\n&amp; nobody &gt; asks; -- no.\n\n"
        "2\n00:59:59.999 --> 01:00:00.001\n<v Tom &amp; &lt;Bob&gt;>Привет, мир!\n你好\n\n"
    )
    assert vtt([]) == "WEBVTT\n\n"
    assert srt([]) == ""


def test_others_read_the_same() -> None:
    wanted = [(card.start_ms, card.end_ms, list(card.lines)) for card in CARDS]
    assert by_pysubs2(srt(CARDS), "srt") == wanted
    assert by_pysubs2(vtt(CARDS), "vtt") == wanted
    assert by_webvtt(vtt(CARDS)) == [(*found, card.speaker or None) for found, card in zip(wanted, CARDS, strict=True)]


def test_what_would_be_taken_for_a_tag_is_not() -> None:
    card = Card(0, 1000, ("<i>a</i> {\\an8} x --> y &lt; {y:i} \u2028z", "", "\n b\n\nc "))
    assert srt([card]) == "1\n00:00:00,000 --> 00:00:01,000\n‹i>a‹/i> { \\an8} x → y &amp;lt; { y:i}\nz\nb\nc\n\n"
    assert read(srt([card]).encode(), PLAIN).captions[0].lines == ("‹i>a‹/i> { \\an8} x → y &lt; { y:i}", "z", "b", "c")
    assert "&lt;i&gt;a&lt;/i&gt; {\\an8} x --&gt; y &amp;lt; {y:i}\nz\nb\nc\n\n" in vtt([card])


def test_no_name_makes_an_arrow() -> None:
    cards = [Card(0, 1000, ("x",), "--"), Card(1000, 2000, ("y",), "A --->"), Card(2000, 3000, ("z",), " A \n B ")]
    assert [one.speaker for one in read(vtt(cards).encode()).captions] == ["-", "A --->", "A B"]
    assert vtt(cards).count("-->") == 3


def test_what_holds_no_words_is_not_written() -> None:
    cards = [Card(0, 1, ()), Card(1, 2, ("", " ")), Card(2, 3, ("x",))]
    assert srt(cards) == "1\n00:00:00,002 --> 00:00:00,003\nx\n\n"
    assert vtt(cards).count("-->") == 1


def test_times_have_as_many_hours_as_they_take() -> None:
    assert time(0, ",") == "00:00:00,000"
    assert time(100 * 3_600_000 + 61_001, ".") == "100:01:01.001"
    late = [Card(100 * 3_600_000, 100 * 3_600_000 + 5, ("late",))]
    assert (
        listed(read(srt(late).encode()))
        == listed(read(vtt(late).encode()))
        == [(360_000_000, 360_000_005, ("late",), "")]
    )
    with pytest.raises(ValueError, match="7 ms before the beginning"):
        time(-7, ",")


def test_pieces_are_the_whole() -> None:
    assert "".join(srt_pieces(iter(CARDS))) == srt(CARDS)
    assert "".join(vtt_pieces(iter(CARDS))) == vtt(CARDS)


@st.composite
def decks(draw: st.DrawFn) -> list[Card]:
    cards, at = [], 0
    for _ in range(draw(st.integers(1, 6))):
        start = at + draw(st.integers(0, 100_000))
        at = start + draw(st.integers(1, 7000))
        cards.append(Card(start, at, tuple(draw(st.lists(LINES, min_size=1, max_size=2))), draw(NAMES)))
    return cards


def speaks(card: Card) -> bool:
    """Whether the reader, which gives only what can be spoken, gives it; and gives it whole."""
    spoken = [line for line in card.lines if not line.startswith(("-", "−", "‐", "‑", "‒", "–", "—", "―"))]
    return len(spoken) == len(card.lines) and any(any(c.isalnum() for c in line) for line in card.lines)


@given(decks())
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(deck: list[Card]) -> None:
    deck = [card for card in deck if speaks(card)] or CARDS
    assert listed(read(vtt(deck).encode(), PLAIN)) == [(c.start_ms, c.end_ms, c.lines, c.speaker) for c in deck]
    found = listed(read(srt(deck).encode(), PLAIN))
    safe = [tuple(line.replace("-->", "→") for line in card.lines) for card in deck]
    safe = [tuple(_looks(line) for line in lines) for lines in safe]
    assert found == [(c.start_ms, c.end_ms, lines, "") for c, lines in zip(deck, safe, strict=True)]


def _looks(line: str) -> str:
    """With the look-alike that stands for the beginning of a tag in SRT."""
    return "".join(
        "‹" if one == "<" and following and (following == "/" or (following.isascii() and following.isalpha())) else one
        for one, following in zip(line, [*line[1:], ""], strict=True)
    )


@given(decks())
@settings(max_examples=200, deadline=None)
def test_webvtt_py_reads_the_same(deck: list[Card]) -> None:
    assert by_webvtt(vtt(deck)) == [(c.start_ms, c.end_ms, list(c.lines), c.speaker or None) for c in deck]


PROSE = st.lists(st.text("abcdefgäßйж中国한,.!?'’“”", min_size=1, max_size=14), min_size=1, max_size=40).map(" ".join)


@given(st.lists(st.tuples(PROSE, st.integers(500, 20_000), st.integers(0, 3000)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_cues_are_read_back_by_everybody(spoken: list[tuple[str, int, int]]) -> None:
    at, sentences = 0, []
    for text, length, pause in spoken:
        sentences.append(Timed(text, at, at + length, "Anna"))
        at += length + pause
    found = cues(sentences)
    wanted = [(cue.start_ms, cue.end_ms, list(cue.lines)) for cue in found]
    assert all(before[1] <= after[0] for before, after in pairwise(wanted))
    if found:
        assert by_pysubs2(srt(found), "srt") == by_pysubs2(vtt(found), "vtt") == wanted
        assert by_webvtt(vtt(found)) == [(*one, "Anna") for one in wanted]


def test_files_are_read_by_others(tmp_path: Path) -> None:
    shown: list[Shown] = [*CARDS]
    (tmp_path / "a.srt").write_text(srt(shown), encoding="utf-8")
    (tmp_path / "a.vtt").write_text(vtt(shown), encoding="utf-8")
    assert len(pysubs2.load(str(tmp_path / "a.srt"))) == len(webvtt.read(str(tmp_path / "a.vtt"))) == len(CARDS)
