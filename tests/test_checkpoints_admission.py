"""What may come into the models folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.checkpoints.pull import pull
from models.checkpoints.verdict import verify
from models.checkpoints.workshop import unfinished
from tests.folders import CODEC, FOLDER, WEIGHTS, cache, model
from tests.hub import Hub as Server
from tests.hub import hub, serving
from tests.pulling import failure, nothing_half, wanted

__all__ = ["hub"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (b'{"model_type": "llama"}', "is not that of a Qwen3-TTS model"),
        (b"{", "is not that of a Qwen3-TTS model"),
        (
            model("custom_voice")["config.json"],
            "is of a model for custom_voice 0.6B, not of Qwen/Qwen3-TTS-12Hz-0.6B-Base",
        ),
        (model(tokenizer_type="qwen3_tts_tokenizer_25hz")["config.json"], "only the one for 12 Hz"),
    ],
)
def test_nothing_large_is_fetched_for_another_model(hub: Server, tmp_path: Path, config: bytes, said: str) -> None:
    hub.files["config.json"] = config
    assert said in failure(wanted(hub), tmp_path)
    assert not hub.requests(WEIGHTS)
    assert unfinished(tmp_path) == []


@pytest.mark.parametrize("gone", [WEIGHTS, CODEC, "speech_tokenizer/config.json", "vocab.json", "config.json"])
def test_a_listing_that_is_not_whole(hub: Server, tmp_path: Path, gone: str) -> None:
    del hub.files[gone]
    assert "config.json" in failure(wanted(hub), tmp_path) if gone == "config.json" else failure(wanted(hub), tmp_path)
    assert nothing_half(tmp_path)
    assert not hub.requests(WEIGHTS)


def test_what_is_in_the_way(hub: Server, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "diary.txt").write_text("mine")
    assert "is in the way, and it is no Qwen3-TTS model" in failure(wanted(hub), tmp_path)
    (tmp_path / FOLDER / "diary.txt").unlink()
    pull(wanted(hub), tmp_path)
    shutil.move(tmp_path / FOLDER, tmp_path / "elsewhere")
    (tmp_path / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert "is a link to" in failure(wanted(hub), tmp_path)
    (tmp_path / FOLDER).unlink()
    shutil.rmtree(tmp_path / "elsewhere")
    cache(tmp_path / f"models--Qwen--{FOLDER}", model())
    assert "is here already, in" in failure(wanted(hub), tmp_path)


def test_a_model_of_somebody_else(tmp_path: Path) -> None:
    with serving(someone__My_Voice=model("custom_voice", "1b7")) as hub:
        found = pull(wanted(hub, "someone/My_Voice"), tmp_path)
    assert (found.checkpoint.id, found.checkpoint.task) == ("My_Voice", "custom_voice")


def test_a_model_of_somebody_else_with_the_same_name(tmp_path: Path) -> None:
    with serving(me__Voice=model("custom_voice"), you__Voice=model("base")) as hub:
        pull(wanted(hub, "me/Voice"), tmp_path)
        assert "Voice is here already, from me/Voice: remove that one first" in failure(
            wanted(hub, "you/Voice"), tmp_path
        )
        (tmp_path / "Voice" / "voiced.json").write_text("{")
        pull(wanted(hub, "you/Voice"), tmp_path)


def test_the_tokenizer_alone(tmp_path: Path) -> None:
    files = {"config.json": b'{"model_type": "qwen3_tts_tokenizer_12hz"}', WEIGHTS: model()[CODEC]}
    with serving(Qwen__x=files) as hub:
        hub.repos["Qwen/Qwen3-TTS-Tokenizer-12Hz"] = files
        found = pull(wanted(hub, "qwen3-tts-tokenizer"), tmp_path)
    assert found.checkpoint.task == "tokenizer"
    assert not verify(found.checkpoint.path).problems
