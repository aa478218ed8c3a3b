"""What models there are, told by what a folder holds, never by its name.

A checkpoint may lie in the models folder itself, or as other programs keep it: in a cache of Hugging Face
(`models--OWNER--NAME/snapshots/REVISION`, links into `blobs`) or of ModelScope (`OWNER/NAME`, with `___` for a dot).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from models.checkpoints.released import LANGUAGES, Capabilities, Release, capabilities, find

# The value of `model_type` in the config.json of every Qwen3-TTS checkpoint, fine-tuned ones included.
QWEN_MODEL_TYPE: Final = "qwen3_tts"
TOKENIZER: Final = "qwen3_tts_tokenizer_12hz"
CONFIG: Final = "config.json"
CODEC: Final = "speech_tokenizer"
WEIGHTS: Final = "model.safetensors"
# Every weights file in one: what a checkpoint in pieces has instead.
INDEX: Final = f"{WEIGHTS}.index.json"
# The obstacle of a tokenizer: whole, and still nothing that speaks.
NO_VOICE: Final = "it is the tokenizer alone, which has no voice"

_SIZES: Final = {"0b6": "0.6B", "1b7": "1.7B"}
_TASKS: Final = ("custom_voice", "voice_design", "base")
# <models>/modelscope/hub/models/OWNER/NAME is the deepest layout that is known.
_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder with a Qwen3-TTS model."""

    id: str
    path: Path
    task: str
    """`custom_voice`, `voice_design`, `base` or `tokenizer`, as its config says; empty when it does not."""
    size: str = ""
    """`0.6B` or `1.7B`, as its config says."""
    obstacle: str = ""
    """Why nothing can be spoken with it; empty when it can."""
    languages: tuple[str, ...] = ()
    """Tags of the languages it names."""
    speakers: tuple[str, ...] = ()
    """The speakers it has by itself."""

    @property
    def release(self) -> Release | None:
        """The released model that its name and its kind are of."""
        release = find(self.id)
        return release if release and (release.task, release.size) == (self.task, self.size) else None

    @property
    def capabilities(self) -> Capabilities:
        """What can be asked of it."""
        return capabilities(self.task, self.size)


def checkpoints(models_dir: Path) -> Sequence[Checkpoint]:
    """Every checkpoint below the data root's models folder, by name; what cannot be read is passed over.

    No two have the same id: a second one of a name is called NAME-2.
    """
    found: dict[str, Checkpoint] = {}
    for checkpoint in _below(models_dir, _DEPTH, set()):
        number, name = 1, checkpoint.id
        while name in found:
            number, name = number + 1, f"{checkpoint.id}-{number + 1}"
        found[name] = replace(checkpoint, id=name)
    return tuple(found.values())


def named(models_dir: Path, name: str) -> Checkpoint | None:
    """The checkpoint with this id, in any case, or of the release with this name."""
    release = find(name)
    wanted = {name.casefold(), release.folder.casefold() if release else ""}
    return next((found for found in checkpoints(models_dir) if found.id.casefold() in wanted), None)


def recognise(folder: Path) -> Checkpoint | None:
    """The checkpoint in this folder, or None when it holds something else."""
    folder = snapshot(folder) or folder
    try:
        found = describe(json.loads((folder / CONFIG).read_text("utf-8")), folder)
    except (OSError, ValueError, RecursionError):
        return None
    return replace(found, obstacle=incomplete(found)) if found and not found.obstacle else found


def describe(config: object, folder: Path) -> Checkpoint | None:
    """What the content of a config.json says of its folder, into which is not looked; None when that is no Qwen3-TTS."""
    kind = config.get("model_type") if isinstance(config, dict) else None
    if isinstance(config, dict) and kind == QWEN_MODEL_TYPE:
        return _model(folder, config)
    if isinstance(kind, str) and kind.startswith("qwen3_tts_tokenizer"):
        unfit = (
            NO_VOICE if kind == TOKENIZER else f"it is the tokenizer {kind!r}, and only the one for 12 Hz can be used"
        )
        return Checkpoint(_name(folder), folder, "tokenizer", "", unfit)
    return None


def incomplete(checkpoint: Checkpoint) -> str:
    """What its folder lacks; empty when nothing is missing."""
    folder = checkpoint.path
    if not (_has(folder, WEIGHTS) or _has(folder, INDEX)):
        return f"{WEIGHTS} is missing"
    codec = checkpoint.task == "tokenizer" or _has(folder / CODEC, WEIGHTS)
    return "" if codec else f"{CODEC}/{WEIGHTS} is missing"


def snapshot(folder: Path) -> Path | None:
    """The snapshot of a Hugging Face cache's repository: the one `main` points to, else the newest that is there."""
    try:
        snapshots = [path for path in (folder / "snapshots").iterdir() if (path / CONFIG).is_file()]
        main = folder / "refs" / "main"
        revision = main.read_text("utf-8").strip() if main.is_file() else ""
        newest = max(snapshots, key=lambda path: path.stat().st_mtime, default=None)
    except (OSError, ValueError):
        return None
    return next((path for path in snapshots if path.name == revision), newest)


def _below(folder: Path, depth: int, seen: set[Path]) -> Iterator[Checkpoint]:
    """What lies in a folder, and in the folders of owners and caches in it; nothing twice, whatever the links."""
    try:
        children = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        fresh = [(path, real) for path in children if (real := path.resolve()) not in seen]
    except (OSError, RuntimeError):
        return
    for path, real in fresh:
        if real in seen:
            continue
        seen.add(real)
        if checkpoint := recognise(path):
            yield checkpoint
        elif depth > 1 and not (_has(path, CONFIG) or _has(path, "snapshots")):  # else another model
            yield from _below(path, depth - 1, seen)


def _model(folder: Path, config: Mapping[str, object]) -> Checkpoint:
    size = str(config.get("tts_model_size") or "")
    talker = config.get("talker_config")
    talker = talker if isinstance(talker, dict) else {}
    languages = (LANGUAGES.get(name.casefold()) for name in _names(talker.get("codec_language_id")))
    return Checkpoint(
        id=_name(folder),
        path=folder,
        task=str(config.get("tts_model_type") or ""),
        size=_SIZES.get(size, size),
        obstacle=_unfit(config),
        languages=tuple(tag for tag in languages if tag),
        speakers=_names(talker.get("spk_id")),
    )


def _names(table: object) -> tuple[str, ...]:
    return tuple(map(str, table)) if isinstance(table, dict) else ()


def _has(folder: Path, name: str) -> bool:
    """False too for what may not be looked at, as `lost+found` in a folder that is a disk of its own."""
    try:
        return (folder / name).exists()
    except OSError:
        return False


def _name(folder: Path) -> str:
    """What a checkpoint is called: without what the caches made of its name."""
    if folder.parent.name == "snapshots":
        folder = folder.parent.parent
    return folder.name.rpartition("--")[2].replace("___", ".")


def _unfit(config: Mapping[str, object]) -> str:
    tokenizer, task = config.get("tokenizer_type"), config.get("tts_model_type")
    if tokenizer not in (None, TOKENIZER):
        return f"it was made for the tokenizer {tokenizer!r}, and only the one for 12 Hz, {TOKENIZER!r}, can be spoken"
    if config.get("quantization"):
        return "its weights are packed for MLX; take the model that they were made from"
    return "" if task in (None, *_TASKS) else f"its task {task!r} is not known; {', '.join(_TASKS)} are"
