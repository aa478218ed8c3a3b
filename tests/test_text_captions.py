"""Captions are read from whatever is called a subtitle file; what is wrong with it is told at once, by line."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.captions import TOLD, BadCaptions, Captions, read, scan
from daemon.text.charset import UnreadableText, decoded
from daemon.text.dialogue import Manners, Names, dialogue

FILES = Path(__file__).parent / "data" / "subtitles"
PLAIN = Manners(notes="keep", names="off")
KITCHEN = [
    (1000, 3200, "ANNA", "The lamp in the kitchen is on again."),
    (3500, 5000, "BEN", "I know."),
    (5400, 8900, "", "It was 10:30 & nobody had gone to bed."),
    (10500, 12750, "", "Somebody was there. Who?"),
    (100000, 102000, "ANNA", "Good night."),
]


def said(found: Captions) -> list[tuple[int, int, str, str]]:
    return [(one.start_ms, one.end_ms, one.speaker, one.text) for one in found.captions]


def srt(*texts: str, times: str = "00:00:01,000 --> 00:00:02,000") -> bytes:
    return "\n".join(f"{n}\n{times}\n{text}\n" for n, text in enumerate(texts, 1)).encode()


@pytest.mark.parametrize(
    ("name", "encoding"), [("kitchen.srt", "utf-8"), ("kitchen_dos.srt", "utf-8-sig"), ("kitchen_utf16.srt", "utf-16")]
)
def test_srt_is_read_in_any_encoding(name: str, encoding: str) -> None:
    found = read((FILES / name).read_bytes())
    assert (found.kind, found.encoding) == ("srt", encoding)
    assert said(found) == KITCHEN
    assert [str(one) for one in found.warnings] == ["line 17: the caption holds notes or music only, and is left out"]
    assert [(one.line, one.id) for one in found.captions][::4] == [(2, "1"), (26, "6")]


def test_vtt_is_read_without_what_is_not_said() -> None:
    found = read((FILES / "kitchen.vtt").read_bytes())
    assert found.kind == "vtt"
    hours = 100 * 3_600_000
    assert said(found) == [
        (1000, 3200, "Anna", "The lamp in the kitchen is on again."),
        (3500, 5000, "Ben", "I know."),
        (5400, 8900, "", "It was 10:30 & nobody had gone to bed."),
        (hours, hours + 2000, "Anna", "Good night."),
    ]
    assert [one.id for one in found.captions] == ["lamp", "", "3", ""]
    assert not found.warnings


def test_lines_end_as_they_like() -> None:
    data = (FILES / "kitchen.srt").read_bytes()
    for end in (b"\r", b"\r\n"):
        assert said(read(data.replace(b"\n", end))) == KITCHEN
    assert said(read(data.strip())) == KITCHEN
    assert said(read(b"\n\n" + data)) == KITCHEN


def test_every_broken_timing_line_is_told_at_once() -> None:
    found = scan((FILES / "broken.srt").read_bytes())
    assert [str(one) for one in found.mistakes] == [
        "line 6: the arrow between the times is written -->: '00:00:02,500 -> 00:00:03,500'",
        "line 10: ends at 00:00:04.000, before it begins at 00:00:05.000: '00:00:05,000 --> 00:00:04,000'",
        "line 14: minutes go up to 59: '00:00:06,000 --> 00:75:07,000'",
        "line 17: below '5' a line such as 00:00:01,000 --> 00:00:03,500 is missing",
        "line 21: no times as in 00:01:02,500 --> 00:01:04,000: '00:00:O8,000 --> 00:00:09,000'",
        "line 25: a time is missing: '00:00:10,000 -->'",
        "line 28: no time is below zero: '-00:00:01,000 --> 00:00:12,000'",
        "line 32: ends when it begins, at 00:00:13.000: '00:00:13,000 --> 00:00:13,000'",
    ]
    # and nothing of theirs is said by the caption above
    assert [one.text for one in found.captions] == ["This one is well.", "This one is well again."]
    with pytest.raises(BadCaptions) as error:
        read((FILES / "broken.srt").read_bytes())
    assert error.value.mistakes == found.mistakes
    assert str(error.value).startswith("line 6: the arrow") and "line 32" in str(error.value)


@pytest.mark.parametrize(
    "line",
    [
        "00:00:01,000 --> 00:00:02",
        "00:00:01 --> 00:00:02,00",
        "00:00:00,50 --> 00:00:01.5",
        "0:0:1.0 --> 0:0:2.000",
        "00:01,000 --> 00:02,000",
        "  00:00:01.000-->00:00:02.000  ",
        "00:00:01,000 --> 00:00:02,000 X1:1 X2:2 Y1:3 Y2:4",
        "00:00:01.000 --> 00:00:02.000 align:start line:0%",
    ],
)
def test_times_are_written_in_many_ways(line: str) -> None:
    half = 500 if ",50" in line else 0
    assert said(read(srt("Hello.", times=line))) == [(1000 - half, 2000 - half, "", "Hello.")]


@pytest.mark.parametrize(
    "line",
    [
        "00:00:01,000 → 00:00:02,000",
        "00:00:01,000 –> 00:00:02,000",
        "00:00:01,000 - -> 00:00:02,000",
        "00:00:01,000 00:00:02,000",
        "00:00:01,000 --> 00:00:02,0000",
        "00:00:01,000 --> 00:00:02,000 and more",
        "00:00:61,000 --> 00:02:02,000",
        "aa:00:01,000 --> 00:00:02,000",
        "00:00:01,000 --> 00:00:-2,000",
        "99999:00:01,000 --> 99999:00:02,000",
        "-->",
    ],
)
def test_times_that_cannot_be_read_are_mistakes(line: str) -> None:
    data = srt("First.") + b"\n2\n" + line.encode() + b"\nSecond.\n"
    found = scan(data)
    assert [one.line for one in found.mistakes] == [6]
    assert [one.text for one in found.captions] == ["First."]


@pytest.mark.parametrize(
    "text", ["10:30", "2024", "12:30 - 14:00", "1. 2. 3.", "A -> B", "3\nnumbers", "Yes --> no", "5.5"]
)
def test_words_that_look_like_times_are_words(text: str) -> None:
    assert [one.text for one in read(srt(text, "next")).captions] == [" ".join(text.split()), "next"]


def test_a_missing_empty_line_tears_nothing() -> None:
    data = b"1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n00:00:05,000 --> 00:00:06,000\n3."
    assert [one.text for one in read(data).captions] == ["One.", "Two.", "3."]


def test_an_empty_line_within_words_is_told() -> None:
    found = read(b"1\n00:00:01,000 --> 00:00:02,000\nOne\n\nand a half.\n\n2\n\n00:00:03,000 --> 00:00:04,000\nTwo.\n")
    assert [one.text for one in found.captions] == ["One and a half.", "Two."]
    assert [str(one) for one in found.warnings] == [
        "line 5: stands below an empty line, and is said by the caption of line 2"
    ]


def test_a_caption_without_words_is_left_out_and_told() -> None:
    found = read(srt("One.", "", "...", "Four."))
    assert [one.text for one in found.captions] == ["One.", "Four."]
    assert [one.line for one in found.warnings if "without words" in one.message] == [6, 10]


def test_overlaps_are_kept_and_told_and_the_wrong_order_is_a_mistake() -> None:
    data = (FILES / "overlapping.srt").read_bytes()
    with pytest.raises(
        BadCaptions, match=r"line 10: begins at 00:00:02\.000, before the caption above it at 00:00:03\.000"
    ):
        read(data)
    found = read(data, order=True)
    assert [(one.start_ms, one.overlaps) for one in found.captions] == [
        (1000, False),
        (2000, True),
        (3000, True),
        (6000, False),
    ]
    assert [str(one) for one in found.warnings] == [
        "line 6: begins at 00:00:03.000, while the caption of line 2 is on until 00:00:04.000",
        "line 10: begins at 00:00:02.000, while the caption of line 2 is on until 00:00:04.000",
    ]


def test_windows_1251_is_told_by_its_letters() -> None:
    found = read((FILES / "kitchen_cp1251.srt").read_bytes(), Manners(known=frozenset(["анна"])))
    assert found.encoding == "cp1251"
    assert [(one.speaker, one.text) for one in found.captions] == [
        ("Анна", "На кухне снова горит свет."),
        ("", "Я знаю, — ответил он тихо и закрыл дверь."),
        ("", "Было половина одиннадцатого, но никто ещё не ложился."),
    ]


RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. "
UKRAINIAN = "Реве та стогне Дніпр широкий, сердитий вітер завива, додолу верби гне високі. "
GREEK = "Η λάμπα στην κουζίνα είναι πάλι αναμμένη και κανείς δεν έχει πάει για ύπνο. "
HEBREW = "המנורה במטבח שוב דולקת ואיש עוד לא הלך לישון. מה אומר האיש ומה עונה האישה, אני אומר אמת ונאמן עם האומה. "


@pytest.mark.parametrize("text", [RUSSIAN, RUSSIAN.upper(), UKRAINIAN, "Да.", "Нет, не надо!"])
def test_cyrillic_is_windows_1251(text: str) -> None:
    assert decoded(text.encode("cp1251")) == (text, "cp1251")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (RUSSIAN.encode("koi8-r"), "looks like koi8-r"),
        (RUSSIAN.encode("cp866"), "looks like cp866"),
        ((FILES / "kitchen_koi8.srt").read_bytes(), "say that its encoding is koi8-r"),
        ((FILES / "french_cp1252.srt").read_bytes(), "neither UTF-8 nor Windows-1251: line 3 holds the byte 0xe9"),
        ("Wir können über die Brücke gehen, heißt es.".encode("cp1252"), "name its encoding, such as cp1252"),
        ("Il va à la mer, puis à la ville".encode("cp1252"), "neither"),
        (GREEK.encode("cp1253"), "neither"),
        ("ύπνο".encode("cp1253"), "neither"),
        (HEBREW.encode("cp1255"), "neither"),
        ((RUSSIAN + RUSSIAN).encode("mac-cyrillic"), "neither"),
        ("厨房里的灯又亮了，没有人去睡觉。".encode("gbk"), "neither"),
        ("台所の明かりがまたついている。".encode("shift-jis"), "neither"),
        (RUSSIAN.encode()[:-1] + b"\xd0\n" + RUSSIAN.encode(), "UTF-8 with broken bytes: line 1"),
        (b"\x00\x00\x02\x03" * 100, "this is not text"),
        (random.Random(1).randbytes(5000), "this is not text"),
        (bytes(range(1, 9)) * 100, "control characters"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello\n".encode("utf-16-le"), "UTF-16 without its byte order mark"),
        (b"\xff\xfe\x00", "the file is not utf-16"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableText) as error:
        read(data)
    assert why in str(error.value)


def test_an_encoding_may_be_named() -> None:
    found = read((FILES / "french_cp1252.srt").read_bytes(), encoding="cp1252")
    assert found.captions[1].text == "Il était déjà très tard à la maison."
    with pytest.raises(UnreadableText, match="'klingon' is no encoding"):
        read(b"", encoding="klingon")
    with pytest.raises(UnreadableText, match="the file is not ascii: line 2"):
        read(b"1\n\xe9", encoding="ascii")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "line 1: it is empty"),
        (b" \n\n ", "line 1: it is empty"),
        (b"WEBVTT\n\n", "line 1: no captions"),
        (b"[Script Info]\nTitle: x\n", "words stand above the first times"),
        (b"Once upon a time\nthere was a file.", "words stand above the first times: 'Once upon a time'"),
        (srt("[rain]"), "no caption has words to speak"),
        (
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\nlost\nwords\n",
            "line 6: below 'lost' a line such as 00:00:01.000 -->",
        ),
        (b"1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2", "line 5: '2' stands alone"),
    ],
)
def test_what_holds_no_captions_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadCaptions) as error:
        read(data)
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("lines", "speaker", "text"),
    [
        (["<i>Hello</i>, <font color='red'>you</font>"], "", "Hello, you"),
        (["{\\an8}{\\i1}Up{\\i0}", "{y:i}here"], "", "Up here"),
        (["One\\Ntwo<br/>three\\hfour"], "", "One two three four"),
        (["&lt;i&gt; &amp;amp; AT&T &#233; &nope;"], "", "<i> &amp; AT&T é &nope;"),
        (["a < b and c > d, <3"], "", "a < b and c > d, <3"),
        (["<v Anna Maria>Hello</v>"], "Anna Maria", "Hello"),
        (["<v.loud.far Tom &amp; Bob>Hello"], "Tom & Bob", "Hello"),
        (["ANNA: Hello"], "ANNA", "Hello"),
        (["DR. O'NEIL 2 (on the phone): Hello"], "DR. O'NEIL 2", "Hello"),
        (["АННА:", "Привет"], "АННА", "Привет"),
        (["ben: hello"], "ben", "hello"),
        (["Note: hello"], "", "Note: hello"),
        (["We met at 10: it rained"], "", "We met at 10: it rained"),
        (["HTTP://X.ORG"], "", "HTTP://X.ORG"),
        (["- ANNA: Hello"], "ANNA", "Hello"),
        (["- Hello", "– You", "-You too", "-5 degrees"], "", "Hello You You too -5 degrees"),
        (["[door slams] Hello (sighs", "deeply) there [a [b] c]"], "", "Hello there"),
        (["（ドアの音）こんにちは", "世界【音楽】"], "", "こんにちは世界"),
        (["안녕", "세계"], "", "안녕 세계"),
        (["♪ la la", "la ♪ Stop!"], "", "Stop!"),
        (["♪ la la la"], "", ""),
        (["# la la #", "Room # 5 is # 1"], "", "Room # 5 is # 1"),
        (["\u200eHello\u200f\u202a \u2060there\ufeff\u00ad"], "", "Hello there"),
        (["<00:00:01.000>Now <c.x>then</c>"], "", "Now then"),
        (["<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>"], "", "漢字"),
    ],
)
def test_what_a_caption_says(lines: list[str], speaker: str, text: str) -> None:
    found = dialogue(lines, Manners(known=frozenset(["ben"])))
    assert (found.speaker, found.text) == (speaker, text)


def test_notes_may_be_kept_and_names_left_alone() -> None:
    lines = ["ANNA: (sighs) ♪ la ♪", "[rain]", "- BEN: Stop"]
    assert dialogue(lines, PLAIN).lines == ("ANNA: (sighs) ♪ la ♪", "[rain]", "BEN: Stop")
    known = dialogue(lines, Manners(names="known", known=frozenset(["ben"])))
    assert (known.speaker, known.others, known.lines) == ("", ("BEN",), ("ANNA:", "Stop"))
    both = dialogue(lines, Manners())
    assert (both.speaker, both.others, both.lines) == ("ANNA", ("BEN",), ("Stop",))


def test_a_second_speaker_in_a_caption_is_told() -> None:
    found = read(srt("- ANNA: Hello.\n- BEN: You too."))
    assert [str(one) for one in found.warnings] == [
        "line 2: 'ANNA' says all of the caption, and 'BEN' nothing: give each a caption of their own"
    ]
    later = read(srt("- Hello.\n- BEN: You too."))
    assert later.captions[0].speaker == ""
    assert str(later.warnings[0]).startswith(
        "line 2: whoever speaks first, and is not named, says all of the caption, and 'BEN'"
    )


@pytest.mark.parametrize("names", ["upper", "known", "off"])
@given(text=st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_reader(names: Names, text: str) -> None:
    for data in (srt("One.", text, "Three."), f"WEBVTT\n\n{text}".encode()):
        try:
            found = scan(data, Manners(names=names))
        except UnreadableText:
            continue  # too many control characters
        assert all(one.start_ms < one.end_ms and one.text for one in found.captions)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for start in (b"", b"WEBVTT\n\n", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        try:
            scan(start + data)
        except UnreadableText as error:
            assert str(error)


def test_fifty_thousand_captions_take_no_time() -> None:
    blocks = [
        f"{n}\n{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},000 --> {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},900\n"
        f"<i>Line</i> &amp; number {n},\n- (sighs) with BEN: in it.\n"
        for n in range(50_000)
    ]
    data = "\n".join(blocks).encode()
    started = time.process_time()
    assert len(read(data).captions) == 50_000
    assert time.process_time() - started < 20  # 1.0 on an idle machine


@pytest.mark.parametrize(
    "text",
    [
        "word " * 400_000,
        "[" * 2_000_000,
        "(" * 1_000_000 + ")" * 1_000_000,
        "<" * 2_000_000,
        "♪" * 2_000_000,
        "A\n" * 1_000_000,
        "1" * 2_000_000 + ":",
        "-" * 2_000_000 + "-->",
        "# " * 1_000_000,
    ],
)
def test_two_million_characters_take_linear_time(text: str) -> None:
    started = time.process_time()
    scan(srt("One.", text))
    assert time.process_time() - started < 20


def test_no_more_is_told_than_anybody_reads() -> None:
    with pytest.raises(BadCaptions) as error:
        read(srt(*["x"] * 500, times="00:00:02,000 --> 00:00:01,000"))
    assert len(error.value.mistakes) == 500
    assert str(error.value).endswith(f"and {500 - TOLD} more mistakes")
