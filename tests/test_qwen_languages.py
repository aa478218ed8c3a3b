"""Tags of the house and names of the checkpoints."""

from __future__ import annotations

import pytest
from checkpoints import LANGUAGES as THEIRS

from models.qwen.languages import LANGUAGES, primary


def test_every_language_of_the_checkpoints_has_a_tag() -> None:
    assert set(LANGUAGES.values()) == set(THEIRS)
    assert len(LANGUAGES) == 10


@pytest.mark.parametrize(
    ("tag", "name"),
    [("zh-Hant-TW", "chinese"), ("EN-us", "english"), ("de", "german"), ("auto", None), ("", None), ("nl", None)],
)
def test_region_and_script_do_not_matter(tag: str, name: str | None) -> None:
    assert LANGUAGES.get(primary(tag)) == name
