"""Hubs by name, as the environment has them, and what is ordered there."""

from __future__ import annotations

import pytest

from daemon import hubs
from daemon.faults import Malformed, UnknownModel
from models.checkpoints.download import Patience
from models.checkpoints.hub import Hub
from tests.folders import FOLDER, REPO, SLUG


def test_a_hub_is_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_ENDPOINT", "HF_TOKEN", "MODELSCOPE_ENDPOINT", "MODELSCOPE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert hubs.named("huggingface") == Hub("huggingface", "https://huggingface.co")
    assert hubs.named("modelscope") == Hub("modelscope", "https://www.modelscope.cn")
    monkeypatch.setenv("HF_ENDPOINT", " https://mirror.example/hf/ ")
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert hubs.named("huggingface") == Hub("huggingface", "https://mirror.example/hf", "secret")


@pytest.mark.parametrize("text", ["ftp://host", "https://", "https://me@host", "https://host/?q", "host", "http://h:0"])
def test_an_address_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", text)
    with pytest.raises(Malformed, match="is no address of a hub"):
        hubs.named("modelscope")


def test_an_order_by_any_name() -> None:
    hub, patience = Hub("huggingface", "https://host"), Patience(retries=1)
    for name in (SLUG, FOLDER.upper(), REPO):
        found = hubs.order(name, hub, "v2", patience)
        assert (found.repo, found.folder, found.slug, found.revision, found.patience) == (
            REPO, FOLDER, SLUG, "v2", patience,
        )  # fmt: skip
    with pytest.raises(UnknownModel, match=r"there are .* and any OWNER/NAME of a hub"):
        hubs.order("nobody", hub)
