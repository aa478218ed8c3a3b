"""Checkpoints as folders: their configs are true, their weights have the right form and random bytes."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

from models.checkpoints.digest import digest_of
from models.checkpoints.manifest import MANIFEST, Known, Manifest

REPO = "Qwen/Qwen3-TTS-12Hz-0.6B-Base"
FOLDER = "Qwen3-TTS-12Hz-0.6B-Base"
SLUG = "qwen3-tts-0.6b-base"
COMMIT = "5d83992436eae1d760afd27aff78a71d676296fc"
WEIGHTS = "model.safetensors"
CODEC = "speech_tokenizer/model.safetensors"
# More than one read of a client, and not a multiple of anything.
WEIGHTS_BYTES = 900_001


def model(kind: str = "base", size: str = "0b6", **config: object) -> dict[str, bytes]:
    """The files of a checkpoint: its config true, its weights random."""
    about: dict[str, object] = {"model_type": "qwen3_tts", "tts_model_type": kind, "tts_model_size": size}
    talker = {"codec_language_id": {"chinese": 2055, "english": 2050, "beijing_dialect": 2074}, "spk_id": {}}
    about |= {"tokenizer_type": "qwen3_tts_tokenizer_12hz", "talker_config": talker, **config}
    return {
        ".gitattributes": b"*.safetensors filter=lfs\n",
        "README.md": b"# A model\n",
        "config.json": json.dumps(about).encode(),
        "merges.txt": b"",
        "vocab.json": b"{}",
        "model.safetensors": tensors(WEIGHTS_BYTES, 1),
        "speech_tokenizer/config.json": b'{"model_type": "qwen3_tts_tokenizer_12hz"}',
        "speech_tokenizer/model.safetensors": tensors(60_000, 2),
    }


def tensors(size: int, seed: int) -> bytes:
    """A safetensors file of this many bytes."""
    head = b"{}"
    for _ in range(3):
        end = size - 8 - len(head)
        head = json.dumps({"x": {"dtype": "U8", "shape": [end], "data_offsets": [0, end]}}).encode()
    return len(head).to_bytes(8, "little") + head + random.Random(seed).randbytes(size - 8 - len(head))


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def cache(folder: Path, files: dict[str, bytes], revision: str = COMMIT) -> Path:
    """As Hugging Face's cache has it: links into blobs."""
    for number, (name, content) in enumerate(files.items()):
        blob = folder / "blobs" / f"{number:064x}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link = folder / "snapshots" / revision / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return folder / "snapshots" / revision


def pulled(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    """A model as a pull leaves it."""
    lay(folder, files or model())
    paths = [path for path in folder.rglob("*") if path.is_file()]
    known = (Known(str(path.relative_to(folder)), path.stat().st_size, digest_of(path)) for path in sorted(paths))
    Manifest("Qwen/x", "hub", "rev", tuple(known)).write(folder / MANIFEST)
    return folder


def cached(folder: Path) -> Path:
    """As Hugging Face's cache has it, digests true."""
    for name, content in model().items():
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        blob = folder / "blobs" / (hashlib.sha256(content).hexdigest() if name.endswith("rs") else git)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link = folder / "snapshots" / COMMIT / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return folder


def flip(path: Path) -> None:
    """One bit, in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
