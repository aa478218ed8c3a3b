"""`voiced.json` in a model's folder: where the model came from, and what every file of it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.checkpoints.catalog import snapshot
from models.checkpoints.client import PullFailed
from models.checkpoints.digest import fits
from models.checkpoints.listing import safe
from models.checkpoints.released import find

MANIFEST: Final = "voiced.json"
_SCHEMA: Final = 1

Moved = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Known:
    """One file as it must be."""

    path: str
    size: int | None
    """Bytes; None where only the digest is known."""
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a model's files."""

    repo: str
    source: str
    revision: str
    files: tuple[Known, ...]

    def write(self, path: Path) -> None:
        """As JSON. Raises OSError."""
        files = [{"path": file.path, "size": file.size, "digest": file.digest} for file in self.files]
        about = {"schema": _SCHEMA, "repo": self.repo, "source": self.source, "revision": self.revision}
        path.write_text(json.dumps({**about, "files": files}, indent=1) + "\n", "utf-8")


def parse(given: object, where: str) -> Manifest:
    """The manifest in what JSON held. Raises PullFailed when it is none, or names files outside its folder."""
    try:
        return _parse(given)
    except (KeyError, TypeError, ValueError) as error:
        raise PullFailed(f"{where} is not a manifest of voiced: {error}") from None


def expected(folder: Path) -> Manifest | None:
    """What is known of a folder: by its manifest, or by the names that a Hugging Face cache gives its files.

    None when nothing is known. Raises PullFailed for a manifest that is none.
    """
    try:
        given = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return _cached(snapshot(folder) or folder)
    except (OSError, ValueError, RecursionError) as error:
        raise PullFailed(f"{folder / MANIFEST} cannot be read: {error}") from None
    return parse(given, str(folder / MANIFEST))


def kept(models_dir: Path, name: str) -> Path | None:
    """The folder that was pulled under this name, even when nothing but its manifest tells so any more."""
    release = find(name)
    folder = models_dir / (release.folder if release else name)
    return folder if folder.parent == models_dir and safe(folder.name) and (folder / MANIFEST).is_file() else None


def problems(folder: Path, manifest: Manifest, moved: Moved = lambda _path, _done: None) -> list[str]:
    """What is not as the manifest says, a line each; `moved` hears the bytes read of each file. Raises OSError."""
    found = (_problem(folder / file.path, file, moved) for file in manifest.files)
    return [problem for problem in found if problem]


def _problem(path: Path, file: Known, moved: Moved) -> str:
    if not path.is_file():
        return f"{file.path} is missing"
    size = path.stat().st_size
    if file.size not in (None, size):
        return f"{file.path} has {size} bytes instead of {file.size}"
    whole = fits(path, file.digest, lambda done: moved(file.path, done))
    return "" if whole else f"{file.path} is damaged: its {file.digest.partition(':')[0]} is another one"


def _parse(given: Any) -> Manifest:
    if given["schema"] != _SCHEMA:
        raise ValueError(f"its schema is {given['schema']!r}, not {_SCHEMA}")
    files = tuple(Known(str(file["path"]), int(file["size"]), str(file["digest"])) for file in given["files"])
    if strange := [file.path for file in files if not safe(file.path)]:
        raise ValueError(f"it names {strange[0][:200]!r}")
    return Manifest(str(given["repo"]), str(given["source"]), str(given["revision"]), files)


def _cached(folder: Path) -> Manifest | None:
    """A snapshot's files are links to blobs that are named by their digest."""
    if folder.parent.name != "snapshots":
        return None
    links = ((path, path.readlink().name) for path in sorted(folder.rglob("*")) if path.is_symlink())
    files = tuple(Known(str(path.relative_to(folder)), None, digest) for path, name in links if (digest := _blob(name)))
    repo = folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return Manifest(repo, "a cache of Hugging Face", folder.name, files) if files else None


def _blob(name: str) -> str:
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return f"sha256:{name}"
    return f"git:{name}" if re.fullmatch(r"[0-9a-f]{40}", name) else ""
