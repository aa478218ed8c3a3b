"""What `voiced models pull --from` says, and the names of models."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.folders import FOLDER, SLUG, WEIGHTS, lay, model
from tests.hub import Hub, hub
from tests.models_command import Run, models, pull, weights

__all__ = ["hub", "models", "pull"]


@pytest.mark.parametrize("name", ["Qwen/Qwen3-TTS-12Hz-0.6B-Base", "QWEN3-tts-12hz-0.6b-BASE", SLUG])
def test_every_name_of_a_release(hub: Hub, tmp_path: Path, pull: Run, name: str) -> None:
    assert pull(name=name).code == 0
    assert weights(tmp_path) == hub.files[WEIGHTS]


@pytest.mark.parametrize(
    ("source", "endpoint", "token"),
    [("huggingface", "HF_ENDPOINT", "HF_TOKEN"), ("modelscope", "MODELSCOPE_ENDPOINT", "MODELSCOPE_API_TOKEN")],
)
def test_the_hubs_own_settings_are_heeded(
    hub: Hub, models: Run, monkeypatch: pytest.MonkeyPatch, source: str, endpoint: str, token: str
) -> None:
    monkeypatch.setenv(endpoint, hub.address + "/")
    monkeypatch.setenv(token, " secret ")
    done = models("pull", SLUG, "--from", source)
    assert done.code == 0, done.err
    assert {one.headers.get("authorization") for one in hub.asked} == {"Bearer secret"}


def test_no_token_for_a_mirror(hub: Hub, pull: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert pull().code == 0
    assert {one.headers.get("authorization") for one in hub.asked} == {None}


def test_a_token_that_is_none(models: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "naïve")
    done = models("pull", SLUG)
    assert done.code == 2
    assert "HF_TOKEN holds no token" in done.err


def test_from_a_folder(tmp_path: Path, models: Run) -> None:
    lay(tmp_path / "stick" / FOLDER, model())
    for name, source in ((SLUG, tmp_path / "stick"), ("mine", tmp_path / "stick" / FOLDER)):
        done = models("pull", name, "--from", str(source))
        assert done.code == 0, done.err
    assert weights(tmp_path) == model()[WEIGHTS]
    assert (tmp_path / "models" / "mine" / "config.json").exists()


def test_a_revision_that_is_not_there(hub: Hub, tmp_path: Path, pull: Run) -> None:
    done = pull("--revision", "v9")
    assert done.code == 1
    assert f"{hub.address} has no Qwen/{FOLDER} of revision 'v9'" in done.err
    assert not (tmp_path / "models" / ".partial").exists()
