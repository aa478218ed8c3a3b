"""Profiles of voices: a few by name, hypothesis' strategies for any, and a look at a folder of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from voices.document import written
from voices.profile import Defaults, Profile, Reference, Share
from voices.store import Store

WAV = b"RIFF....WAVEfmt the voice of somebody"


def clone(name: str = "anna", **facts: Any) -> Profile:
    """A clone whose recording is still to be kept."""
    return Profile(name, name.title(), "clone", ("en", "de"), "base", "", reference=HELLO, **facts)


def design(name: str = "storyteller", **facts: Any) -> Profile:
    """A designed voice, which needs no file."""
    about = {"description": "An old man by the fire.", **facts}
    return Profile(name, name.title(), "design", ("en",), "", "", **about)


HELLO = Reference("", "", "Hello there.", consent="my own voice")

text = st.text(st.characters(codec="utf-8"), max_size=50)
words = text.filter(lambda one: bool(one.strip()))
# what a line may hold: no control characters, and something to see
line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40).filter(
    lambda one: bool(one.strip(" "))
)
ids = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
tags = st.sampled_from(["en", "en-US", "zh-CN", "zh-Hant-TW", "de", "es-419", "sl-rozaj"])
numbers = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any valid profile; of a clone with a reference that no file stands behind."""
    kind = draw(st.sampled_from(["preset", "design", "clone", "mix"]))
    name = draw(ids)
    languages = tuple(draw(st.lists(tags, min_size=1, max_size=4)))
    model = draw(line if kind in ("preset", "mix") else text)
    profile = Profile(
        name, draw(line), kind, languages, model,
        draw(words if kind == "preset" else text), draw(words if kind == "design" else text),
        aliases=tuple(draw(st.lists(ids.filter(lambda one: one != name), unique=True, max_size=3))),
        defaults=draw(defaults(languages)),
        emotions=draw(st.dictionaries(line, words, max_size=3)),
        origin=draw(text),
    )  # fmt: skip
    if kind == "mix":
        weights = st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False)
        profile = replace(profile, shares=tuple(draw(st.lists(st.builds(Share, ids, weights), min_size=1, max_size=4))))
    if kind == "clone":
        said, digest = draw(st.none() | words), draw(st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
        mode = draw(st.sampled_from(["in-context", "embedding"])) if said else "embedding"
        profile = replace(profile, reference=Reference(f"{digest[:16]}.wav", digest, said, mode, draw(text)))
    return profile


def defaults(languages: tuple[str, ...]) -> st.SearchStrategy[Defaults]:
    """Any valid ones of a voice that speaks these."""
    return st.builds(
        Defaults,
        language=st.none() | st.sampled_from(languages),
        instruct=st.none() | words,
        seed=st.none() | st.integers(0, 2**31 - 1),
        speed=st.none() | st.floats(0.25, 4),
        pitch=st.none() | st.floats(-12, 12),
        gain=st.none() | st.floats(-40, 20),
        sampling=st.dictionaries(line, numbers, max_size=3),
    )


def files(store: Store) -> list[str]:
    """Everything below the folder but the lock and empty folders."""
    return sorted(str(path.relative_to(store.folder)) for path in store.folder.rglob("*") if path.is_file())[1:]


def profile_file(store: Store, name: str) -> Path:
    return store.folder / "profiles" / f"{name}.json"


def kept_by_hand(store: Store, profile: Profile, name: str | None = None) -> Path:
    """Write a profile by hand."""
    path = profile_file(store, name or profile.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(profile))
    return path


def seen(store: Store) -> list[str]:
    return [profile.id for profile in store.profiles()]


def reasons(store: Store) -> dict[str, str]:
    return {one.file: one.reason for one in store.broken()}


def soon(look: Callable[[], object], wanted: object) -> None:
    """Within the time after which a change on the disk must be seen, and a little for a busy machine."""
    end = time.monotonic() + 20
    while (found := look()) != wanted:
        assert time.monotonic() < end, f"{found!r}, not {wanted!r}"
        time.sleep(0.02)
