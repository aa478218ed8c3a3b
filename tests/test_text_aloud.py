"""How a sentence is read aloud."""

from __future__ import annotations

from itertools import pairwise

import pytest

from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon
from voices.lexicon import Entry


def reading(*entries: Entry, normalize: bool = True, language: str = "en", voice: str = "anna") -> Reading:
    return Reading(language, voice, Lexicon(entries), normalize)


@pytest.mark.parametrize(
    ("entries", "normalize", "said"),
    [
        ((), False, "Ngô has 12 kg and 5 °C."),
        ((), True, "Ngô has twelve kilograms and five degrees Celsius."),
        ((Entry("Ngô", "Ngo"),), False, "Ngo has 12 kg and 5 °C."),
        ((Entry("12 kg", "a load"),), True, "Ngô has a load and five degrees Celsius."),
        ((Entry("Ngô", "Ngo", voice="bert"),), False, "Ngô has 12 kg and 5 °C."),
    ],
)
def test_the_lexicons_words_go_first(entries: tuple[Entry, ...], normalize: bool, said: str) -> None:
    assert reading(*entries, normalize=normalize).sentence("Ngô has 12 kg and 5 °C.") == [said]


def test_pieces_are_in_order_and_apart() -> None:
    sentence = "12 K2 13 K2 and 14 km."
    pieces = reading(Entry("K2", "Kay Two")).pieces(sentence)
    assert [sentence[one.start : one.end] for one in pieces] == ["12", "K2", "13", "K2", "14 km"]
    assert all(one.end <= two.start for one, two in pairwise(pieces))


def test_it_is_idle_where_it_would_change_nothing() -> None:
    assert reading(normalize=False).idle
    assert not reading().idle
    assert not reading(Entry("K2", "Kay Two"), normalize=False).idle
    assert reading(Entry("K2", "Kay Two", language="de"), normalize=False).idle
    assert reading(Entry("K2", "Kay Two", voice="bert"), normalize=False).idle


def test_what_got_too_long_is_cut_and_what_got_empty_goes() -> None:
    long = reading(Entry("K2", "a very long mountain in the north"))
    said = long.sentence("K2 " * 100 + "is high.")
    assert len(said) > 1
    assert all(len(one) <= 400 for one in said)
    assert " ".join(said) == "a very long mountain in the north " * 100 + "is high."
    quiet = reading(Entry("hm", ""))
    assert quiet.sentence("Hm.") == []
    assert quiet.text("Hm. Yes. Hm!") == ["Yes."]


def test_a_text_is_its_sentences() -> None:
    one = reading()
    text = "There are 3 cats. And 4 dogs! Who has 5 birds?"
    assert one.text(text) == ["There are three cats.", "And four dogs!", "Who has five birds?"]
