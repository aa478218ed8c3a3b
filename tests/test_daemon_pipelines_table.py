"""The table of pipelines, and what is told of options that are none."""

from __future__ import annotations

import pytest

from daemon.faults import InputMistake, UnknownPipeline
from daemon.pipelines.table import RECIPES, find, recipe


@pytest.mark.parametrize("name", RECIPES)
def test_every_pipeline_says_what_it_makes(name: str) -> None:
    assert recipe(name).ABOUT and recipe(name).Options.model_fields


def test_a_name_that_nobody_knows_is_told_with_all_there_are() -> None:
    with pytest.raises(UnknownPipeline, match=r"longform.*long_form, npc_pack"):
        recipe("longform")


def test_all_that_is_wrong_with_options_is_told_with_what_was_meant() -> None:
    with pytest.raises(InputMistake) as error:
        find("long_form", {"vioce": "heart", "zzz": 1, "budget": "300"})
    told = {one.path: one.message for one in error.value.details}
    assert told["vioce"] == "there is no such option: is 'voice' meant?"
    assert told["zzz"].startswith("there is no such option; there are ") and " voice" in told["zzz"]
    assert "integer" in told["budget"]


def test_an_option_that_is_missing_and_one_inside_another_are_told() -> None:
    with pytest.raises(InputMistake, match="description: must be given"):
        find("design_then_clone", {})
    with pytest.raises(InputMistake, match=r"^cast\.ANNA\.vioce: there is no such option here$"):
        find("script", {"cast": {"ANNA": {"vioce": "heart"}}})


def test_a_part_that_is_no_voice_is_told_once_and_in_the_callers_words() -> None:
    with pytest.raises(InputMistake) as error:
        find("script", {"cast": {"ANNA": 3, "BOB": "heart"}, "aliases": "BOB"})
    assert {one.path: one.message for one in error.value.details} == {
        "cast.ANNA": 'must be a voice, or an object such as {"voice": "heart", "speed": 1.1}',
        "aliases": 'must be an object such as {"NAME": …}',
    }
