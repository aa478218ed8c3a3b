"""Tags and chapters as words; files with them are in test_outputs_container."""

from __future__ import annotations

from outputs.kinds import KINDS
from outputs.tags import Chapter, Tags, as_comments, chapters


def test_what_is_empty_is_left_out() -> None:
    assert Tags().words() == {}
    assert Tags("T", author="A").words() == {"title": "T", "artist": "A"}


def test_chapters_end_where_the_next_one_begins() -> None:
    assert chapters([], 500) == []
    assert chapters([("a", 7), ("b", 100)], 500) == [Chapter("a", 7, 100), Chapter("b", 100, 500)]


def test_comments() -> None:
    told = as_comments([Chapter("a", 0, 5), Chapter("b", (3 * 3600 + 25 * 60 + 45) * 1000 + 678, 9)], 1000)
    expected = {
        "CHAPTER000": "00:00:00.000",
        "CHAPTER000NAME": "a",
        "CHAPTER001": "03:25:45.678",
        "CHAPTER001NAME": "b",
    }
    assert told == expected


def test_every_kind_has_its_own_name_and_ending() -> None:
    assert all(name == kind.name for name, kind in KINDS.items())
    assert len({kind.suffix for kind in KINDS.values()}) == len(KINDS)


def test_rates() -> None:
    opus, aac, wav = KINDS["opus"], KINDS["m4b"], KINDS["wav"]
    assert [opus.rate(rate) for rate in (8000, 22_050, 24_000, 96_000)] == [8000, 24_000, 24_000, 48_000]
    assert (aac.rate(24_000), wav.rate(12_345)) == (24_000, 12_345)
