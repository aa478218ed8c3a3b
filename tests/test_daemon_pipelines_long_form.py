"""A book becomes a plan."""

from __future__ import annotations

import io
import random
import time
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from daemon.pipelines.long_form import Options, assemble, plan
from daemon.pipelines.mistakes import InputMistake
from daemon.pipelines.plan import Plan, Taken
from outputs.audio import whole
from tests.epubs import book, item, ref, second, third, xhtml
from tests.pictures import claiming, padded, picture

COVER = picture("png")
BOOKS = Path(__file__).parent / "data" / "books"


def planned(name: str, **options: object) -> Plan:
    return plan((BOOKS / name).read_bytes(), name, Options.model_validate(options))


def planned_of(data: bytes, **options: object) -> Plan:
    return plan(data, "book.epub", Options.model_validate(options))


def texts(found: Plan) -> list[str]:
    return [segment.text for segment in found.segments]


def chapters(found: Plan) -> list[str]:
    return [segment.chapter for segment in found.segments if segment.chapter]


def test_markdown() -> None:
    found = planned("verwandlung.md")
    assert (found.title, found.author, found.language) == ("Die Verwandlung", "Franz Kafka", "de")
    assert chapters(found) == ["I", "II"]
    assert [segment.id for segment in found.segments] == [f"{number:04}" for number in range(1, 12)]
    assert texts(found)[2] == "„Was ist mit mir geschehen?“, dachte er. Es war kein Traum."
    assert texts(found)[-5:] == ["Zimmer, Bewohner", "links, Grete", "rechts, die Eltern", "Milch", "altes Gemüse"]
    assert not any(word in " ".join(texts(found)) for word in ("Anmerkung", "print", "Käfer", "example", "1915"))


def test_plain_text() -> None:
    found = planned("alice.txt")
    assert chapters(found) == ["alice", "CHAPTER I. Down the Rabbit-Hole", "CHAPTER II. The Pool of Tears"]
    assert [segment.pause_ms for segment in found.segments] == [2500, 1000, 700, 2500, 1000, 0]


def test_html() -> None:
    found = planned("page.html", images=True)
    assert (found.title, found.author, found.language) == ("The Tale & the Teller", "A. Writer", "en-GB")
    assert texts(found)[1:3] == [
        "It was cold, and nobody spoke. The fire was out — long since.",
        "She said: “We wait. We always wait.” Then she slept.",
    ]
    assert texts(found)[-1] == "They ate. A small fire"


def test_epub() -> None:
    assert (BOOKS / "pool3.epub").read_bytes() == third()
    assert (BOOKS / "pool2.epub").read_bytes() == second()
    assert chapters(planned("pool3.epub")) == ["Chapter One", "Chapter Two"]
    assert chapters(planned("pool2.epub")) == ["The Pool", "The first", "The last"]


def test_silences() -> None:
    text = "# A\n\nOne. Two.\n\n- x\n\n***\n\nThree.\n\n# B\n\nFour."
    found = plan(text.encode(), "a.md", Options(sentence_ms=1, paragraph_ms=2, heading_ms=3, scene_ms=4, chapter_ms=5))
    assert [segment.pause_ms for segment in found.segments] == [3, 2, 4, 5, 3, 0]
    long = " ".join("word" for _ in range(100)) + ", " + " ".join("word" for _ in range(100)) + "."
    found = plan(f"{long} {long}".encode(), "a.txt", Options(budget=600, sentence_ms=1, clause_ms=2))
    assert {segment.pause_ms for segment in found.segments} <= {0, 1, 2}
    assert [segment.paragraph for segment in found.segments][:2] == [True, False]


def test_headings_that_are_not_spoken_still_begin_a_chapter() -> None:
    found = planned("verwandlung.md", headings=False)
    assert [(segment.chapter, segment.text[:6]) for segment in found.segments if segment.chapter] == [
        ("I", "Als Gr"),
        ("II", "Erst i"),
    ]


def test_what_all_segments_are_given() -> None:
    found = planned(
        "alice.txt", voice="lily", language="en", instruct="slowly", emotion="calm", seed=7, speed=0.9, title="T"
    )
    assert {(s.voice, s.language, s.instruct, s.emotion, s.seed, s.speed) for s in found.segments} == {
        ("lily", "en", "slowly", "calm", 7, 0.9)
    }
    assert (found.title, found.language) == ("T", "en")


@pytest.mark.parametrize(
    "given", [{"sead": 1}, {"budget": 10}, {"encoding": "unicode_escape"}, {"speed": "1"}, {"language": "x y"}]
)
def test_options_that_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(given)


def test_every_option_is_described() -> None:
    assert all(field.get("description") for field in Options.model_json_schema()["properties"].values())


@pytest.mark.parametrize(
    ("data", "told"), [(b"", "no word"), (b"* * *", "no word"), (b"a\xff", "byte 2"), (b"PK\x03\x04", "zip")]
)
def test_what_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(InputMistake, match=told) as caught:
        plan(data, "a", Options())
    assert caught.value.details


def test_the_books_own_language_is_that_of_every_segment() -> None:
    page = b"<html lang=de><h1>OK</h1><p>Ein Satz.</p><p>Yes, of course!</p>"
    assert {segment.language for segment in plan(page, "a.html", Options()).segments} == {"de"}
    assert {segment.language for segment in plan(page, "a.html", Options(language="en")).segments} == {"en"}


def test_the_language_nobody_speaks_is_none() -> None:
    assert plan(b"<html lang=und>a", "a.html", Options()).language is None


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_two_million_characters(name: str) -> None:
    data = (('"Well. I know it," she said. ' * 30 + "\n\n") * 2400).encode()
    assert len(data) > 2_000_000
    began = time.process_time()
    found = plan(data, name, Options())
    assert time.process_time() - began < 15
    assert len(found.segments) > 2400


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.epub", "a"]))
def test_any_bytes_are_planned_or_refused(data: bytes, name: str) -> None:
    try:
        found = plan(data, name, Options())
    except InputMistake as error:
        assert error.details
    else:
        assert found.segments
        "".join(texts(found)).encode()


def fronted(front: bytes = COVER) -> bytes:
    """A book of two chapters with a cover."""
    files: dict[str, str | bytes] = {
        "OEBPS/a.xhtml": xhtml("<h1>A</h1><p>x</p><h1>B</h1><p>y</p>"),
        "OEBPS/c.png": front,
    }
    return book(files, item("a", "a.xhtml") + item("c", "c.png", "image/png", "cover-image"), ref("a"))


def joined(folder: Path, data: bytes, name: str = "book.epub", **options: object) -> dict[str, bytes]:
    """The files that a book becomes, each segment of which is a tenth of a second."""
    wishes = Options.model_validate({"subtitles": False, **options})
    found, takes = plan(data, name, wishes), []
    for part in ("input", "segments"):
        (folder / part).mkdir(parents=True)
    (folder / "input" / name).write_bytes(data)
    for segment in found.segments:
        (folder / "segments" / f"{segment.id}.flac").write_bytes(whole("flac", bytes(4800), 24_000))
        takes.append(Taken(segment, f"segments/{segment.id}.flac", 0.1, 1, "tone", "en"))
    made = [folder / str(one["name"]) for one in assemble(folder, found, takes, wishes)]
    return {path.name: path.read_bytes() for path in made}


def shown(file: bytes) -> list[bytes]:
    """The pictures in a file."""
    with av.open(io.BytesIO(file)) as container:
        return [bytes(next(container.demux(image))) for image in container.streams.video]


@pytest.mark.parametrize("audio", ["m4b", "m4a", "mp3", "flac", "opus", "wav"])
def test_a_books_cover_is_in_its_file(audio: str, tmp_path: Path) -> None:
    once, again = (joined(tmp_path / run, fronted(), audio=audio) for run in ("once", "again"))
    assert once == again
    assert shown(once[f"audio.{audio}"]) == ([] if audio == "wav" else [COVER])


def test_every_chapters_file_has_the_cover(tmp_path: Path) -> None:
    made = joined(tmp_path, fronted(), audio="mp3", per_chapter=True)
    assert {name: shown(file) for name, file in made.items()} == {"01 A.mp3": [COVER], "02 B.mp3": [COVER]}


def test_a_cover_that_is_not_wanted(tmp_path: Path) -> None:
    assert shown(joined(tmp_path, fronted(), cover=False)["audio.m4b"]) == []
    assert planned_of(fronted(b""), cover=False).warnings == ()


@pytest.mark.parametrize(
    ("front", "told"),
    [
        (b"<svg/>", "it is no JPEG or PNG picture"),
        (COVER[:-20], "it is a PNG picture that is cut off"),
        (claiming(100_000, 100_000), "it is 100000 x 100000 points, and 8000 are the most to a side of a cover"),
        (padded(10, 10), "it unpacks to more than"),
    ],
)
def test_a_cover_that_cannot_be_used_is_told_and_left_out(front: bytes, told: str, tmp_path: Path) -> None:
    (warning,) = planned_of(fronted(front)).warnings
    assert warning.startswith(f"the cover is left out: OEBPS/c.png: {told}")
    assert shown(joined(tmp_path, fronted(front))["audio.m4b"]) == []
    assert planned_of(fronted(front), audio="wav").warnings == ()


def test_the_plan_is_the_same_with_a_cover() -> None:
    assert planned_of(fronted()) == planned_of(fronted(), cover=False)


def test_an_input_that_is_gone_takes_only_its_cover_along(tmp_path: Path) -> None:
    data = fronted()
    joined(tmp_path, data)
    (tmp_path / "input" / "book.epub").unlink()
    found = planned_of(data)
    takes = [Taken(one, f"segments/{one.id}.flac", 0.1, 1, "tone", "en") for one in found.segments]
    assemble(tmp_path, found, takes, Options(subtitles=False))
    assert shown((tmp_path / "audio.m4b").read_bytes()) == []


def test_a_text_has_no_cover(tmp_path: Path) -> None:
    assert shown(joined(tmp_path, b"A word.", "a.txt")["audio.m4b"]) == []


SHAPES = {"a.txt": ("{}", "\n\n{}\n\n"), "a.md": ("- {}", "\n\n## {}\n\n"), "a.html": ("<p>{}", "<h2>{}</h2>")}


def written(chance: random.Random, most: int) -> str:
    return " ".join(
        chance.choice(["Wort", "a", "und", "über", "zwei"]) + str(chance.random())[2:5]
        for _ in range(chance.randint(1, most))
    )


@pytest.mark.parametrize("name", sorted(SHAPES))
@settings(deadline=None, max_examples=50)
@given(chance=st.randoms(use_true_random=False))
def test_every_word_is_there_once(chance: random.Random, name: str) -> None:
    prose, heading = SHAPES[name]
    paragraphs = [
        ". ".join(written(chance, 30) for _ in range(chance.randint(1, 5))) + "." for _ in range(chance.randint(1, 6))
    ]
    headings = [written(chance, 4) for _ in paragraphs]
    parts = list(zip(headings, paragraphs, strict=True))
    source = "\n".join(heading.format(head) + prose.format(text) + "\n" for head, text in parts)
    found = plan(source.encode(), name, Options(budget=100))
    assert " ".join(texts(found)).split() == " ".join(f"{head} {text}" for head, text in parts).split()
    assert all(int(after.id) == int(before.id) + 1 for before, after in pairwise(found.segments))
