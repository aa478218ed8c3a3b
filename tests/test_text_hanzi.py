"""Characters that two standards write differently are one here."""

from __future__ import annotations

from daemon.text.hanzi import _PAIRS, simplified


def test_traditional_text_becomes_simplified() -> None:
    assert simplified("早上好，很高興又聽到你的聲音") == "早上好，很高兴又听到你的声音"
    assert simplified("請把客廳的燈打開") == "请把客厅的灯打开"


def test_simplified_text_and_other_scripts_stay_as_they_are() -> None:
    assert simplified("请把客厅的灯打开 abc かな") == "请把客厅的灯打开 abc かな"


def test_every_pair_has_a_simplified_and_a_traditional_character() -> None:
    pairs = list(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
    for plain, full in pairs:
        assert plain != full
        assert plain.encode("gb2312") and simplified(plain) == plain, plain
    assert len({full for _, full in pairs}) == len(pairs)
