"""Where models come from: Hugging Face, ModelScope, a mirror of either kind, a folder. Each is asked for its listing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from models.checkpoints.catalog import named, recognise
from models.checkpoints.client import Client, NotThere, PullFailed
from models.checkpoints.listing import Listing, RemoteFile, listing
from models.checkpoints.manifest import MANIFEST, expected, parse

Kind = Literal["huggingface", "modelscope", "mirror", "folder"]

ENDPOINTS: Final = {"huggingface": "https://huggingface.co", "modelscope": "https://www.modelscope.cn"}
# What each calls its newest state.
_NEWEST: Final = {"huggingface": "main", "mirror": "main", "modelscope": "master", "folder": ""}
# <cache>/models--OWNER--NAME/snapshots/REVISION/speech_tokenizer/FILE is the deepest that a checkpoint goes.
_FOLDERS: Final = 3


@dataclass(frozen=True, slots=True)
class Hub:
    """A place that models are pulled from."""

    kind: Kind
    address: str
    """`http://…` or `https://…`, or a folder."""
    token: str = ""

    def client(self, stall_s: float) -> Client:
        """Somebody who may ask it."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.token and self.kind == "modelscope":
            headers["Cookie"] = f"m_session_id={self.token}"  # what its older addresses read
        return Client(headers, stall_s=stall_s)

    def list(self, client: Client, repo: str, revision: str | None) -> Listing:
        """The files of OWNER/NAME. Raises PullFailed."""
        wanted = revision or _NEWEST[self.kind]
        if self.kind == "folder":
            return _folder(Path(self.address), repo.rpartition("/")[2], revision)
        try:
            if self.kind == "modelscope":
                return _modelscope(client, self.address, repo, wanted)
            if self.kind == "huggingface":
                return _huggingface(client, self.address, repo, wanted)
            return _mirror(client, self.address, repo, revision)
        except NotThere as error:
            raise NotThere(f"{self.address} has no {repo} of revision {wanted!r}: {error}") from None


def _huggingface(client: Client, base: str, repo: str, revision: str) -> Listing:
    """The commit first, so that all files are of the same one."""
    about, _ = client.json(f"{base}/api/models/{repo}/revision/{quote(revision, safe='', errors='replace')}")
    commit = about.get("sha") if isinstance(about, dict) else None
    commit = commit if isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40}", commit) else revision
    at = quote(commit, safe="", errors="replace")
    entries, headers = client.json(f"{base}/api/models/{repo}/tree/{at}?recursive=true")
    if 'rel="next"' in (headers.get("Link") or ""):
        raise PullFailed(f"{base} lists more files for {repo} than a Qwen3-TTS model has")
    files = (
        RemoteFile(
            _text(entry, "path"),
            _size(lfs or entry),
            _digest(entry, lfs),
            f"{base}/{repo}/resolve/{at}/{_url(entry, 'path')}",
        )
        for entry in _entries(entries, base)
        if entry.get("type") == "file"
        for lfs in [entry.get("lfs")]
    )
    return listing(base, commit, files)


def _modelscope(client: Client, base: str, repo: str, revision: str) -> Listing:
    query = urlencode({"Revision": revision, "Recursive": "true"}, errors="replace")
    answer, _ = client.json(f"{base}/api/v1/models/{repo}/repo/files?{query}")
    data = answer.get("Data") if isinstance(answer, dict) else None
    found = data.get("Files") if isinstance(data, dict) else None
    if found is None:  # what it answers, with a status of 200, for a revision that it does not have
        raise NotThere("it lists no files")
    files = (
        RemoteFile(
            _text(entry, "Path"),
            _size(entry, "Size"),
            f"sha256:{entry['Sha256']}".lower() if entry.get("Sha256") else "",
            f"{base}/api/v1/models/{repo}/repo?"
            + urlencode({"Revision": revision, "FilePath": entry["Path"]}, errors="replace"),
        )
        for entry in _entries(found, base)
        if entry.get("Type") != "tree"
    )
    return listing(base, revision, files)


def _mirror(client: Client, base: str, repo: str, revision: str | None) -> Listing:
    """One that answers like Hugging Face, or a models folder of voiced behind any web server."""
    try:
        return _huggingface(client, base, repo, revision or _NEWEST["huggingface"])
    except NotThere:
        folder = f"{base}/{quote(repo.rpartition('/')[2])}"
        manifest = parse(client.json(f"{folder}/{MANIFEST}")[0], f"{folder}/{MANIFEST}")
        files = (RemoteFile(f.path, f.size or 0, f.digest, f"{folder}/{quote(f.path)}") for f in manifest.files)
        return _of(revision, listing(base, manifest.revision, files))


def _folder(place: Path, name: str, revision: str | None) -> Listing:
    """A model's folder, or one in which a model of this name lies; with the digests that whoever put it there left."""
    found = recognise(place) or named(place, name)
    if found is None:
        raise NotThere(f"{place} is no folder with a Qwen3-TTS model, and holds none with the name {name}")
    folder = found.path
    known = expected(folder)
    digests = {file.path: file.digest for file in known.files} if known else {}
    files = (
        RemoteFile(path, local.stat().st_size, digests.get(path, ""), local=local)
        for path, local in _walk(folder, _FOLDERS)
        if path != MANIFEST
    )
    return _of(revision, listing(str(folder), known.revision if known else "", files))


def _of(revision: str | None, listed: Listing) -> Listing:
    """What there is one revision of is that one, or not there."""
    if revision in (None, listed.revision):
        return listed
    raise NotThere(f"{listed.source} has revision {listed.revision or 'unknown'!r}, not {revision!r}")


def _walk(folder: Path, depth: int, below: str = "") -> Iterator[tuple[str, Path]]:
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        if path.is_file():
            yield below + path.name, path.resolve()
        elif path.is_dir() and depth > 1:
            yield from _walk(path, depth - 1, f"{below}{path.name}/")


def _entries(found: object, base: str) -> Iterator[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise PullFailed(f"{base} answers no list of files; is it a hub for models?")
    yield from found


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        raise PullFailed(f"a file in the listing has no {key}")
    return value


def _url(entry: Mapping[str, Any], key: str) -> str:
    return quote(_text(entry, key), errors="replace")


def _size(entry: Mapping[str, Any], key: str = "size") -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PullFailed(f"a file in the listing has no {key}")
    return value


def _digest(entry: Mapping[str, Any], lfs: Any) -> str:
    """Large files are told by their sha256, small ones by what git calls them."""
    if isinstance(lfs, dict):
        return f"sha256:{str(lfs.get('oid', '')).removeprefix('sha256:')}"
    return f"git:{entry['oid']}" if entry.get("oid") and not entry.get("xetHash") else ""
