"""Names in a listing are not trusted."""

from __future__ import annotations

import pytest

from models.checkpoints.client import PullFailed
from models.checkpoints.listing import RemoteFile, listing, safe

HEX = "0" * 64


def file(path: str, size: int = 1, digest: str = "") -> RemoteFile:
    return RemoteFile(path, size, digest)


@pytest.mark.parametrize("path", [
    "", "/", "/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "a//b", "a/", "C:\\x", "a\\b", "C:x", "a\0b", "a\nb",
    "a\x1b[2J", "\x9b", "\ud800", "x" * 300, "й" * 150, "a/b/c/d/e/f/g/h/i", " ", "a/ /b", "...", "a|b", "a?b",
])  # fmt: skip
def test_a_name_that_could_lead_elsewhere_ends_the_pull(path: str) -> None:
    assert not safe(path)
    with pytest.raises(PullFailed, match="nothing was written"):
        listing("hub", "main", [file("config.json"), file(path)])


@pytest.mark.parametrize(
    "path", ["config.json", "speech_tokenizer/model.safetensors", "说明.md", "a b+c=d@e,f.txt", "..x"]
)
def test_ordinary_names(path: str) -> None:
    assert safe(path)


def test_hidden_files_are_left_out() -> None:
    listed = listing("hub", "main", [file(".gitattributes"), file("a"), file(".cache/x"), file("b/.keep")])
    assert [one.path for one in listed.files] == ["a"]


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a", "a/b"), ("x/A", "x/a/c")])
def test_two_files_of_one_name(names: tuple[str, str]) -> None:
    with pytest.raises(PullFailed, match="two files of the same name"):
        listing("hub", "main", map(file, names))


@pytest.mark.parametrize("digest", ["sha256:", "sha256:xyz", f"md5:{HEX}", f"git:{HEX}", HEX, f"sha256:{HEX.upper()}A"])
def test_a_digest_that_is_none(digest: str) -> None:
    with pytest.raises(PullFailed, match="with a digest that is none"):
        listing("hub", "main", [file("a", digest=digest)])


def test_sizes_and_numbers_out_of_reason() -> None:
    with pytest.raises(PullFailed, match="size of -1 bytes"):
        listing("hub", "main", [file("a", -1)])
    with pytest.raises(PullFailed, match="lists 1001 files"):
        listing("hub", "main", (file(str(number)) for number in range(1001)))
    with pytest.raises(PullFailed, match=r"lists no config\.json"):
        _ = listing("hub", "main", []).config


def test_what_a_listing_tells() -> None:
    listed = listing("hub", "main", [file("config.json", 3, f"sha256:{HEX}"), file("b", 4, f"git:{HEX[:40]}")])
    assert (listed.size, listed.config.path) == (7, "config.json")
