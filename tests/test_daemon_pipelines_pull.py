"""The recipe of a pull: what may be asked, and what its run tells. Pulls themselves: test_daemon_pulls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.faults import InputMistake, UnknownModel, UnknownPipeline
from daemon.pipelines import pull, table
from daemon.pipelines.plan import Plan
from daemon.pipelines.pull import Options
from tests.folders import FOLDER, REPO, SLUG


@pytest.mark.parametrize("name", [SLUG, FOLDER, REPO, REPO.lower()])
def test_it_is_called_as_its_folder_will_be(name: str) -> None:
    assert pull.plan(b"", "", Options(model=name)) == Plan((), FOLDER)
    assert pull.plan(b"", "", Options(model="somebody/Voice")).title == "Voice"


def test_a_name_that_is_none() -> None:
    with pytest.raises(UnknownModel, match="any OWNER/NAME of a hub"):
        pull.plan(b"", "", Options(model="voice"))


@pytest.mark.parametrize(
    "wrong", [{}, {"model": ""}, {"model": "a/b", "source": "/srv"}, {"model": "a/b", "revision": ""}, {"model": 1}]
)
def test_what_may_not_be_asked(wrong: dict[str, object]) -> None:
    with pytest.raises(InputMistake):
        table.find("pull", wrong)


def test_it_is_a_job_and_no_pipeline() -> None:
    assert table.is_job("pull")
    assert table.is_job("long_form")
    assert not table.is_job("speech")
    assert table.find("pull", {"model": SLUG})[0].ABOUT == pull.ABOUT
    with pytest.raises(UnknownPipeline):
        table.recipe("pull")


def test_its_run_tells_what_came(tmp_path: Path) -> None:
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "pulled.json").write_text('{"id": "Voice"}')
    (told,) = pull.assemble(tmp_path, Plan((), "Voice"), (), Options(model="somebody/Voice"))
    assert told == {"name": "pulled.json", "bytes": 15}
    assert json.loads((tmp_path / "pulled.json").read_bytes()) == {"id": "Voice"}
