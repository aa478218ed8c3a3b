"""How an utterance is delivered."""

from __future__ import annotations

import pytest

from daemon.delivery import Delivery, delivery, directed
from daemon.emotions import HOUSE
from daemon.text.score import Manner
from daemon.utterance import Reference, Utterance
from tests.kept import design, preset
from voices.profile import Defaults, Profile

OWN = Defaults(instruct="softly", seed=3, speed=0.5, pitch=-2.0, gain=-6.0, sampling={"top_k": 3, "top_p": 0.5})
DESIGNED = Profile("designed", "Designed voice", "design", ("en",), "designer", "designed")


def test_a_plain_request_to_a_plain_voice_asks_for_nothing() -> None:
    assert delivery(Utterance("x"), preset("a")) == Delivery()


def test_the_voices_own_holds_where_nothing_is_said() -> None:
    own = delivery(Utterance("x"), preset("a", defaults=OWN))
    assert own == Delivery("softly", 3, {"top_k": 3, "top_p": 0.5}, 0.5, -2.0, -6.0)
    wish = Utterance("x", instruct="loudly", seed=0, speed=1.0, pitch=2.0, gain=6.0, sampling={"top_k": 9})
    asked = delivery(wish, preset("a", defaults=OWN))
    assert asked == Delivery("loudly", 0, {"top_k": 9, "top_p": 0.5}, 1.0, 0.0, 0.0)


def test_sums_stay_within_what_can_be_made() -> None:
    far = preset("a", defaults=Defaults(pitch=-10.0, gain=-30.0, speed=4.0))
    found = delivery(Utterance("x", pitch=-10.0, gain=-30.0), far).directed(Manner(rate=2.0))
    assert (found.speed, found.pitch, found.gain) == (4.0, -12.0, -40.0)
    near = delivery(Utterance("x", pitch=10.0, gain=15.0, speed=0.3), preset("a"))
    found = near.directed(Manner(rate=0.5, pitch=10.0, gain=15.0))
    assert (found.speed, found.pitch, found.gain) == (0.25, 12.0, 20.0)
    assert near.directed(Manner()) == near


@pytest.mark.parametrize(
    ("voice", "wish", "instruct"),
    [
        (preset("a"), {"instruct": "x"}, "x"),
        (preset("a"), {"emotion": "Sad "}, HOUSE["sad"]),
        (preset("a", defaults=OWN), {"emotion": "sad"}, HOUSE["sad"]),
        (preset("a", emotions={"SAD": "My own."}), {"emotion": "sad", "instruct": "x"}, "My own. x"),
        (design("a", stored=True), {}, "an old sailor"),
        (design("a", stored=True), {"instruct": "x"}, "an old sailor\nx"),
        (design("a", stored=True, defaults=OWN), {}, "an old sailor\nsoftly"),
        (DESIGNED, {"instruct": "a robot"}, "a robot"),
        (DESIGNED, {"instruct": "a robot", "emotion": "sad"}, f"a robot\n{HOUSE['sad']}"),
        (DESIGNED, {}, None),
    ],
)
def test_who_comes_before_how(voice: Profile, wish: dict[str, str], instruct: str | None) -> None:
    assert delivery(Utterance("x", **wish), voice).instruct == instruct  # type: ignore[arg-type]


def test_tags_change_what_they_name() -> None:
    wish = Utterance(
        "x", "anna", "de", "softly", model="cloner", emotion="sad", task="voice-clone", reference=Reference(b"x")
    )
    assert directed(wish, Manner(rate=2.0)) == wish
    assert directed(wish, Manner(language="en", emotion="calm")).reference is wish.reference
    other = directed(wish, Manner(voice="bert", rate=2.0))
    assert (other.voice, other.language, other.model, other.task, other.reference) == (
        "bert",
        None,
        None,
        "speech",
        None,
    )
    assert (other.instruct, other.emotion) == ("softly", "sad")
    assert directed(wish, Manner(voice="bert", language="en")).language == "en"


def test_a_description_is_of_one_voice_alone() -> None:
    wish = Utterance("x", instruct="an old sailor", task="voice-design")
    assert directed(wish, Manner(voice="bert")).instruct is None
    assert directed(wish, Manner(emotion="sad")).instruct == "an old sailor"
