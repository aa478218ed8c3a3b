"""The kept voices: what is written is there, for this object, for another process, and after a restart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from profiles import HELLO, WAV, clone, design, files, kept_by_hand, profile_file, reasons, seen

from voices.document import BrokenProfile
from voices.profile import Reference
from voices.store import NoSuchVoice, ReferenceLost, Store, StoreFailed, VoiceChanged, VoiceExists

DIGEST = hashlib.sha256(WAV).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.below(tmp_path)


# --- the five things that can be done --------------------------------------------------------------


def test_nothing_is_kept_and_nothing_is_written(store: Store) -> None:
    assert (seen(store), reasons(store)) == ([], {})
    with pytest.raises(NoSuchVoice, match="no voice called 'anna' is kept here; kept are none"):
        store.get("anna")
    assert not store.folder.exists()


def test_a_clone_and_its_recording(store: Store) -> None:
    made = store.create(clone(aliases=("anni",), installed=False), WAV, ".WAV")
    assert made.reference == replace(HELLO, file=f"{DIGEST[:16]}.wav", digest=DIGEST)
    assert (made.stored, made.installed) == (True, True)
    assert files(store) == ["profiles/anna.json", f"refs/{DIGEST[:16]}.wav"]
    assert store.audio(made, verify=True).read_bytes() == store.recording(made) == WAV
    for other in (store, Store(store.folder)):
        assert other.profiles() == (made,)
        assert other.get(" ANNA ") == other.get("anni") == made
        assert reasons(other) == {}


def test_a_voice_without_a_recording(store: Store) -> None:
    made = store.create(design())
    assert store.profiles() == (replace(design(), stored=True),)
    with pytest.raises(ReferenceLost, match="'storyteller' has no recording; it is a design"):
        store.audio(made)
    assert files(store) == ["profiles/storyteller.json"]


def test_voices_come_by_id(store: Store) -> None:
    for name in ("zoe", "anna", "b2", "b-1"):
        store.create(design(name))
    assert seen(store) == ["anna", "b-1", "b2", "zoe"]


def test_a_voice_is_changed(store: Store) -> None:
    made = store.create(clone(), WAV, "wav")
    new = store.update(replace(made, label="Anna the Second", aliases=("second",)))
    assert store.get("second") == new == replace(made, label="Anna the Second", aliases=("second",))
    store.update(replace(new, aliases=()))
    with pytest.raises(NoSuchVoice):
        store.get("second")


def test_a_voice_gets_another_recording(store: Store) -> None:
    made = store.create(clone(), WAV, "wav")
    new = store.update(made, b"another", "flac")
    assert new.reference == replace(HELLO, file=new.reference.file, digest=hashlib.sha256(b"another").hexdigest())
    assert files(store) == ["profiles/anna.json", f"refs/{new.reference.file}"]
    assert new.reference.file.endswith(".flac")
    assert store.recording(new) == b"another"


def test_a_designed_voice_is_locked(store: Store) -> None:
    """It becomes a clone of a take, and the description stays."""
    made = store.create(design())
    locked = store.update(replace(made, kind="clone", reference=Reference("", "", "Once upon a time.")), WAV, "wav")
    assert (locked.kind, locked.description) == ("clone", "An old man by the fire.")
    assert store.recording(store.get("storyteller")) == WAV


def test_a_voice_is_renamed(store: Store) -> None:
    made = store.create(clone(aliases=("nan",)), WAV, "wav")
    new = store.rename("anna", "grandmother")
    assert new == replace(made, id="grandmother", aliases=("anna", "nan"))
    assert store.profiles() == (new,)
    assert store.get("anna") == store.get("nan") == store.get("grandmother") == new
    assert files(store) == ["profiles/grandmother.json", f"refs/{DIGEST[:16]}.wav"]
    assert store.rename("grandmother", "grandmother") == new
    back = store.rename("grandmother", "anna")
    assert back == replace(made, aliases=("grandmother", "nan"))
    assert files(store)[0] == "profiles/anna.json"
    with pytest.raises(BrokenProfile, match=r"'\.\./x' is no voice id"):
        store.rename("anna", "../x")


def test_a_voice_is_deleted(store: Store) -> None:
    store.create(clone(), WAV, "wav")
    store.delete("anna")
    assert (seen(store), files(store)) == ([], [])
    with pytest.raises(NoSuchVoice):
        store.delete("anna")


# --- names -----------------------------------------------------------------------------------------


def test_a_name_is_one_voices(store: Store) -> None:
    store.create(design("anna", aliases=("anni",)))
    store.create(design("bea"))
    profile_file(store, "carl").write_text("{}")
    for taken in (
        design("anna"),
        design("anni"),
        design("new", aliases=("anna",)),
        design("new", aliases=("x", "anni")),
    ):
        with pytest.raises(VoiceExists, match=r"'ann[ai]' is taken: 'anna' has it"):
            store.create(taken)
    for taken in (design("carl"), design("new", aliases=("carl",))):
        with pytest.raises(VoiceExists, match=r"'carl\.json' has it, which cannot be read; mend or remove it"):
            store.create(taken)
    for name in ("anna", "anni", "carl"):
        with pytest.raises(VoiceExists):
            store.rename("bea", name)
    with pytest.raises(VoiceExists):
        store.update(replace(store.get("bea"), aliases=("anni",)))
    assert profile_file(store, "carl").read_text() == "{}"
    assert files(store) == ["profiles/anna.json", "profiles/bea.json", "profiles/carl.json"]


def test_only_an_id_is_written_over(store: Store) -> None:
    store.create(design("anna", aliases=("anni",)))
    with pytest.raises(NoSuchVoice, match="'anni' is another name of 'anna'; write that"):
        store.delete("anni")
    with pytest.raises(NoSuchVoice, match="'anni' is another name of 'anna'"):
        store.update(design("anni"))
    with pytest.raises(NoSuchVoice, match="no voice called 'zoe' is kept here; kept are anna"):
        store.rename("zoe", "bea")
    with pytest.raises(NoSuchVoice):
        store.delete("../profiles/anna")


def test_nobody_writes_over_what_they_have_not_seen(store: Store) -> None:
    first = store.create(design())
    second = store.update(replace(first, label="Second"), expected=first)
    for attempt in (
        lambda: store.update(replace(first, label="Third"), expected=first),
        lambda: store.rename("storyteller", "other", expected=first),
        lambda: store.delete("storyteller", expected=first),
    ):
        with pytest.raises(VoiceChanged, match="somebody has changed the voice 'storyteller' meanwhile; read it again"):
            attempt()
    assert store.profiles() == (second,)
    # whether its model is here is not the voice's own
    store.delete("storyteller", expected=replace(second, installed=False))


# --- bad days --------------------------------------------------------------------------------------


def test_what_killed_writers_have_left_is_swept(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    for folder in ("profiles", "refs"):
        (store.folder / folder / ".voiced-0123456789ab.tmp").write_bytes(b"half")
        (store.folder / folder / ".theirs.tmp").write_bytes(b"not ours")
    # killed in the middle of a rename: the new one is there, the old one is still there
    kept_by_hand(store, replace(anna, id="bea", aliases=("anna",)))
    assert sorted(seen(store)) == ["anna", "bea"]
    store.create(design())
    assert seen(store) == ["bea", "storyteller"]
    assert store.get("anna").id == "bea"
    assert store.recording(store.get("bea")) == WAV
    assert not [name for name in files(store) if "voiced-" in name]
    assert len([name for name in files(store) if name.endswith(".theirs.tmp")]) == 2


def test_a_voice_that_only_looks_renamed_is_left_alone(store: Store) -> None:
    kept_by_hand(store, design("anna"))
    kept_by_hand(store, design("bea", aliases=("anna",), description="Another."))
    store.create(design())
    assert seen(store) == ["anna", "bea", "storyteller"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "voices").write_text("a file")
    store = Store.below(tmp_path)
    with pytest.raises(StoreFailed, match="voices"):
        store.create(design())
    assert store.profiles() == ()  # the other voices go on speaking


def test_the_file_is_what_people_can_read(store: Store) -> None:
    store.create(clone(), WAV, "wav")
    document = json.loads(profile_file(store, "anna").read_text())
    assert document["schema"] == 1
    assert document["reference"]["consent"] == "my own voice"
    assert "stored" not in document
    assert profile_file(store, "anna").stat().st_mode & 0o444 == 0o444
