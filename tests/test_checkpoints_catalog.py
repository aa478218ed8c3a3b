"""A checkpoint is what its config.json says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.checkpoints.catalog import TOKENIZER, checkpoints, named, recognise
from tests.folders import cache, lay, model

NAME = "Qwen3-TTS-12Hz-0.6B-Base"


def write(folder: Path, config: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return folder


def test_a_checkpoint_under_any_name(tmp_path: Path) -> None:
    write(tmp_path / "my fine tune", {"model_type": "qwen3_tts", "tts_model_type": "custom_voice"})
    (found,) = checkpoints(tmp_path)
    assert (found.id, found.task) == ("my fine tune", "custom_voice")


def test_what_is_something_else_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "Qwen3-TTS-12Hz-0.6B-Base", {"model_type": "llama"})
    write(tmp_path / "broken", "{")
    write(tmp_path / "list", [1])
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "config.json").write_text("[" * 100_000)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    assert checkpoints(tmp_path) == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert checkpoints(tmp_path / "nothing") == ()
    assert recognise(tmp_path / "nothing") is None


def test_what_its_config_tells(tmp_path: Path) -> None:
    talker = {
        "spk_id": {"vivian": 3065, "mine": 1},
        "codec_language_id": {"german": 1, "beijing_dialect": 2, "elvish": 3},
    }
    found = recognise(lay(tmp_path / "x", model("custom_voice", "1b7", talker_config=talker)))
    assert found is not None
    assert (found.size, found.task, found.obstacle) == ("1.7B", "custom_voice", "")
    assert (found.speakers, found.languages) == (("vivian", "mine"), ("de",))
    assert found.capabilities.instruct
    assert found.release is None


def test_a_release_is_known_by_name_and_kind(tmp_path: Path) -> None:
    found, other = (recognise(lay(tmp_path / part / NAME, model(part, "0b6"))) for part in ("base", "custom_voice"))
    assert found is not None
    assert other is not None
    assert found.release is not None
    assert found.release.slug == "qwen3-tts-0.6b-base"
    assert other.release is None


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"tokenizer_type": "qwen3_tts_tokenizer_25hz"}, "it was made for the tokenizer 'qwen3_tts_tokenizer_25hz'"),
        ({"tts_model_type": "dialogue"}, "its task 'dialogue' is not known; custom_voice, voice_design, base are"),
        ({"quantization": {"bits": 4}}, "packed for MLX"),
    ],
)
def test_what_cannot_be_used_is_told_with_the_reason(tmp_path: Path, config: dict[str, object], why: str) -> None:
    found = recognise(lay(tmp_path / "x", model(**config)))  # type: ignore[arg-type]
    assert found is not None
    assert why in found.obstacle


@pytest.mark.parametrize("gone", ["model.safetensors", "speech_tokenizer/model.safetensors"])
def test_what_is_not_whole_says_what_is_missing(tmp_path: Path, gone: str) -> None:
    (lay(tmp_path / "x", model()) / gone).unlink()
    (found,) = checkpoints(tmp_path)
    assert found.obstacle == f"{gone} is missing"


def test_weights_in_pieces_are_whole(tmp_path: Path) -> None:
    files = model()
    files["model.safetensors.index.json"] = files.pop("model.safetensors")
    found = recognise(lay(tmp_path / "x", files))
    assert found is not None
    assert not found.obstacle


def test_a_tokenizer_alone_has_no_voice(tmp_path: Path) -> None:
    for kind in (TOKENIZER, "qwen3_tts_tokenizer_25hz"):
        found = recognise(write(tmp_path / kind, {"model_type": kind}))
        assert found is not None
        assert found.task == "tokenizer"
        assert ("no voice" in found.obstacle) == (kind == TOKENIZER)


def test_a_cache_of_hugging_face(tmp_path: Path) -> None:
    repo = tmp_path / f"models--Qwen--{NAME}"
    old, new = cache(repo, model(), "a" * 40), cache(repo, model(), "b" * 40)
    (repo / "refs").mkdir()
    for revision, path in (("a" * 40, old), ("b" * 40, new)):
        (repo / "refs" / "main").write_text(revision)
        assert [(found.id, found.path) for found in checkpoints(tmp_path)] == [(NAME, path)]
    (repo / "refs" / "main").write_text("gone")
    assert [found.id for found in checkpoints(tmp_path)] == [NAME]


def test_a_download_of_another_program_that_is_not_done(tmp_path: Path) -> None:
    cache(tmp_path / f"models--Qwen--{NAME}", model())
    (tmp_path / f"models--Qwen--{NAME}" / "blobs" / f"{5:064x}").unlink()
    (found,) = checkpoints(tmp_path)
    assert found.obstacle == "model.safetensors is missing"


def test_caches_linked_from_the_models_folder(tmp_path: Path) -> None:
    lay(tmp_path / "modelscope" / "hub" / "models" / "Qwen" / NAME.replace(".", "___"), model())
    cache(tmp_path / "hf" / f"models--me--{NAME}", model())
    data = tmp_path / "data"
    data.mkdir()
    (data / "hf").symlink_to(tmp_path / "hf")
    (data / "scope").symlink_to(tmp_path / "modelscope")
    (data / "again").symlink_to(tmp_path / "modelscope")
    (tmp_path / "modelscope" / "loop").symlink_to(data)
    assert [found.id for found in checkpoints(data)] == [NAME, f"{NAME}-2"]


def test_a_name_in_any_case_or_the_release(tmp_path: Path) -> None:
    lay(tmp_path / NAME, model())
    lay(tmp_path / "Mine", model())
    for name, folder in ((NAME.lower(), NAME), ("qwen3-tts-0.6b-base", NAME), ("mine", "Mine")):
        found = named(tmp_path, name)
        assert found is not None
        assert found.path == tmp_path / folder
    assert named(tmp_path, "qwen3-tts-1.7b-base") is None
    assert named(tmp_path, "") is None


def test_what_may_not_be_looked_at_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path / "x", model())
    (tmp_path / "lost+found").mkdir()
    look = Path.exists

    def refused(path: Path) -> bool:
        if path.parent.name == "lost+found":
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(Path, "exists", refused)
    assert [found.id for found in checkpoints(tmp_path)] == ["x"]


def test_what_is_on_its_way_is_not_seen(tmp_path: Path) -> None:
    lay(tmp_path / ".partial" / "x" / "tree", model())
    assert checkpoints(tmp_path) == ()
