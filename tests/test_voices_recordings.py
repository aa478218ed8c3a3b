"""The recordings of clones: shared, never mixed up, and gone when nobody has them any more."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from profiles import HELLO, WAV, clone, design, files, kept_by_hand, profile_file

from voices.document import BrokenProfile
from voices.profile import Profile
from voices.recordings import MAX_AUDIO_BYTES
from voices.store import ReferenceLost, Store

DIGEST = hashlib.sha256(WAV).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.below(tmp_path)


def test_voices_share_a_recording(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    store.create(clone("bea"), WAV, "wav")
    store.create(replace(anna, id="carl", label="Carl"))
    assert len(files(store)) == 4
    store.delete("anna")
    store.delete("bea")
    assert store.recording(store.get("carl")) == WAV
    store.delete("carl")
    assert files(store) == []


def test_a_broken_profile_keeps_its_recording(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    profile_file(store, "bea").write_text('{"reference": {"file": "' + anna.reference.file + '"},')
    store.delete("anna")
    assert files(store) == ["profiles/bea.json", f"refs/{anna.reference.file}"]


def test_other_broken_profiles_keep_nothing(store: Store) -> None:
    store.create(clone(), WAV, "wav")
    profile_file(store, "bea").write_text("{")
    store.delete("anna")
    assert files(store) == ["profiles/bea.json"]


def test_a_recording_that_is_lost(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    path = store.audio(anna)
    path.write_bytes(b"x" * len(WAV))
    assert store.audio(anna) == path
    for attempt in (lambda: store.audio(anna, verify=True), lambda: store.recording(anna)):
        with pytest.raises(ReferenceLost, match="is not the recording that 'anna' was made of"):
            attempt()
    path.unlink()
    with pytest.raises(ReferenceLost, match="is missing; put it back"):
        store.audio(anna)
    # its profile is still worked with, and making it again mends it
    store.update(replace(anna, label="Nan"))
    store.rename("anna", "bea")
    with pytest.raises(ReferenceLost):
        store.create(replace(anna, id="carl"))
    store.create(clone("carl"), WAV, "wav")
    assert store.recording(store.get("bea")) == WAV


def test_a_damaged_recording_is_written_anew(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    store.audio(anna).write_bytes(WAV[:-1])
    store.create(clone("bea"), WAV, "wav")
    assert store.recording(anna) == WAV


def test_digests_that_begin_alike(store: Store) -> None:
    """64 bits can be met on purpose; nobody's recording is replaced by it."""
    (store.folder / "refs").mkdir(parents=True)
    (store.folder / "refs" / f"{DIGEST[:16]}.wav").write_bytes(b"another")
    kept_by_hand(store, replace(clone("eve"), reference=replace(HELLO, file=f"{DIGEST[:16]}.wav", digest="0" * 64)))
    anna = store.create(clone(), WAV, "wav")
    assert anna.reference.file == f"{DIGEST}.wav"
    assert store.audio(store.get("eve")).read_bytes() == b"another"
    assert store.recording(anna) == WAV


@pytest.mark.parametrize("suffix", ["", "exe", "../../x", "wav.exe", "w av"])
def test_what_a_recording_is_called(store: Store, suffix: str) -> None:
    assert store.create(clone(), WAV, suffix).reference.file == f"{DIGEST[:16]}.audio"


@pytest.mark.parametrize("audio", [b"", bytes(MAX_AUDIO_BYTES + 1)])
def test_no_recording_and_too_much_of_it(store: Store, audio: bytes) -> None:
    with pytest.raises(BrokenProfile, match=r"reference: the recording has \d+ bytes"):
        store.create(clone(), audio, "wav")
    assert files(store) == []


@pytest.mark.parametrize("profile", [replace(clone(), reference=None), clone(), replace(design(), description=" ")])
def test_what_is_no_voice_is_not_kept(store: Store, profile: Profile) -> None:
    with pytest.raises((BrokenProfile, ReferenceLost)):
        store.create(profile)
    with pytest.raises(BrokenProfile):
        store.create(replace(design(), label="two\nlines"), WAV, "wav")
    assert files(store) == []
