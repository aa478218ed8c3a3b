"""A voice as one file: it travels whole, and what was made to do harm does none."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import tempfile
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import HELLO, WAV, clone, design, profiles

from voices import bundle, prompts
from voices.bundle import BadBundle, export, imported
from voices.document import BrokenProfile, written
from voices.profile import Profile, Reference, Share
from voices.recordings import MAX_AUDIO_BYTES
from voices.store import NoSuchVoice, ReferenceLost, Store, VoiceExists

DIGEST = hashlib.sha256(WAV).hexdigest()
KEY = prompts.key("model", DIGEST, HELLO.transcript, HELLO.mode)
NOTE = "imported from a bundle of 'anna'"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.below(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Store:
    return Store.below(tmp_path / "there")


@pytest.fixture
def good(store: Store) -> bytes:
    """A clone with everything."""
    store.create(clone(), WAV, "wav")
    return export(store, "anna", {KEY: b"a prompt"})


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        return {info.filename: parcel.read(info) for info in parcel.infolist()}


def packed(held: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, **marks: Any) -> bytes:
    """A zip file as other programs make it; `marks` are set on each member."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as parcel:
        for name, data in held.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            for mark, value in marks.items():
                setattr(info, mark, value)
            parcel.writestr(info, data)
    return whole.getvalue()


def refused(there: Store, data: bytes, told: str = ".") -> str:
    """It is, with this sentence, and nothing at all was written."""
    with pytest.raises(BadBundle, match=told) as caught:
        imported(there, data)
    assert not there.folder.exists()
    return str(caught.value)


# --- there and back --------------------------------------------------------------------------------


def test_what_is_in_it(good: bytes) -> None:
    held = members(good)
    assert list(held) == ["profile.json", f"prompts/{KEY}", "reference.wav", "transcript.txt"]
    assert held["reference.wav"] == WAV
    assert held["transcript.txt"] == b"Hello there."
    assert json.loads(held["profile.json"])["id"] == "anna"


def test_it_is_the_same_bytes_every_time(store: Store, there: Store, good: bytes) -> None:
    assert export(store, "ANNA", {KEY: b"a prompt"}) == good
    there.create(clone(), WAV, "wav")
    assert export(there, "anna", {KEY: b"a prompt"}) == good
    with zipfile.ZipFile(io.BytesIO(good)) as parcel:
        assert {info.date_time for info in parcel.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_voice_moves(store: Store, there: Store, good: bytes) -> None:
    profile, held = imported(there, good)
    assert profile == replace(store.get("anna"), origin=NOTE) == there.get("anna")
    assert held == {KEY: b"a prompt"}
    assert there.recording(profile) == WAV
    assert {path.name for path in there.folder.rglob("*") if path.is_file()} == {
        ".lock",
        f"{DIGEST[:16]}.wav",
        "anna.json",
    }


def test_where_it_came_from_is_told_once(store: Store, good: bytes) -> None:
    store.update(replace(store.get("anna"), origin="an upload"))
    for _ in range(3):
        data = export(store, "anna")
        store.delete("anna")
        assert imported(store, data)[0].origin == f"an upload; {NOTE}"
    store.update(replace(store.get("anna"), origin="x" * 4096))
    data = export(store, "anna")
    store.delete("anna")
    assert imported(store, data)[0].origin == "x" * (4096 - len(NOTE) - 2) + "; " + NOTE


@given(profiles(), st.binary(min_size=1, max_size=100), st.sampled_from(["wav", "flac", "odd"]))
@settings(deadline=None, max_examples=50)
def test_any_voice_comes_back(profile: Profile, audio: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.below(Path(folder))
        made = store.create(profile, audio if profile.kind == "clone" else None, suffix)
        data = export(store, profile.id)
        store.delete(profile.id)
        back, held = imported(store, data)
        assert replace(back, origin=made.origin) == made
        assert store.get(profile.id) == back
        assert held == {}
        if profile.kind == "clone":
            assert store.recording(back) == audio
        data = export(store, profile.id)
        store.delete(profile.id)
        assert imported(store, data)[0] == back


def test_a_name_that_is_taken(store: Store, good: bytes) -> None:
    with pytest.raises(VoiceExists, match="'anna' is taken"):
        imported(store, good)
    copy, _ = imported(store, good, as_id="anna-2")
    assert copy == replace(store.get("anna"), id="anna-2", origin=NOTE)
    with pytest.raises(BrokenProfile, match=r"'\.\./x' is no voice id"):
        imported(store, good, as_id="../x")
    assert [profile.id for profile in store.profiles()] == ["anna", "anna-2"]


def test_names_that_it_had_before(store: Store) -> None:
    store.create(design("old", description="x"))
    store.rename("old", "new")
    data = export(store, "old")
    with pytest.raises(VoiceExists):
        imported(store, data)
    assert imported(store, data, as_id="copy")[0].aliases == ()
    store.delete("copy")
    store.delete("new")
    assert imported(store, data)[0].aliases == ("old",)
    store.delete("new")
    store.create(design("old"))
    with pytest.raises(VoiceExists, match="'old' is taken"):
        imported(store, data)


def test_a_mix_names_its_voices_only(store: Store, there: Store) -> None:
    mix = Profile("both", "Both", "mix", ("en",), "m", "", shares=(Share("anna", 1.0), Share("vivian", 2.0)))
    store.create(mix)
    data = export(store, "both")
    assert list(members(data)) == ["profile.json"]
    assert imported(there, data)[0].shares == mix.shares


def test_what_cannot_be_exported(store: Store, good: bytes) -> None:
    with pytest.raises(NoSuchVoice):
        export(store, "zoe")
    with pytest.raises(BadBundle, match="is not one of the voice 'anna'"):
        export(store, "anna", {prompts.key("model", "f" * 64, "Hello there.", "in-context"): b"x"})
    for key, data in (("../x", b"x"), (KEY, bytes(1_000_001))):
        with pytest.raises(BadBundle, match="cannot be part of a bundle"):
            export(store, "anna", {key: data})
    with pytest.raises(BadBundle, match="33 prompts"):
        export(store, "anna", {KEY[:-2] + f"{n:02x}": b"" for n in range(33)})
    store.audio(store.get("anna")).unlink()
    with pytest.raises(ReferenceLost):
        export(store, "anna")


def test_a_profile_made_by_hand(store: Store, there: Store) -> None:
    """Its recording may have any plain name."""
    (store.folder / "profiles").mkdir(parents=True)
    (store.folder / "refs").mkdir()
    (store.folder / "refs" / "my_take.rf64").write_bytes(WAV)
    profile = replace(clone(), reference=replace(HELLO, file="my_take.rf64", digest=DIGEST))
    (store.folder / "profiles" / "anna.json").write_bytes(written(profile))
    data = export(store, "anna")
    assert "reference.audio" in members(data)
    assert imported(there, data)[0].reference == replace(HELLO, file=f"{DIGEST[:16]}.audio", digest=DIGEST)


# --- other programs --------------------------------------------------------------------------------


def test_it_may_be_packed_again(there: Store, good: bytes) -> None:
    assert imported(there, packed(members(good)))[0].id == "anna"


def test_it_may_be_packed_into_a_pipe(there: Store, good: bytes) -> None:
    """Sizes then come after each member."""

    class Pipe(io.RawIOBase):
        sent = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.sent += bytes(data)
            return len(data)

    with zipfile.ZipFile(pipe := Pipe(), "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, data in members(good).items():
            parcel.writestr(name, data)
    assert zipfile.ZipFile(io.BytesIO(pipe.sent)).infolist()[0].flag_bits & 8
    assert imported(there, pipe.sent)[0].id == "anna"


# --- what is none ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"PK", b"RIFF" + bytes(100), b"%PDF-1.7\n" + bytes(100), b"{}" * 50])
def test_no_zip_at_all(there: Store, data: bytes) -> None:
    refused(there, data, "it is no zip file")


def test_an_empty_zip(there: Store) -> None:
    refused(there, packed({}), r"it holds no profile\.json")


def test_cut_off_anywhere(there: Store, good: bytes) -> None:
    for size in range(len(good)):
        refused(there, good[:size])
    imported(there, good)


def test_damaged_anywhere(store: Store, good: bytes) -> None:
    """It is refused, or the damage was to what nobody reads, as a date."""
    expected, taken = store.get("anna"), 0
    store.delete("anna")
    for at in range(len(good)):
        for change in (0x01, 0xFF):
            broken = bytearray(good)
            broken[at] ^= change
            try:
                profile, held = imported(store, bytes(broken))
            except BadBundle:
                continue
            taken += 1
            assert replace(profile, origin="") == expected
            assert held == {KEY: b"a prompt"}
            store.delete("anna")
    assert taken < len(good) / 4
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [".lock"]


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 300))
@settings(deadline=None, max_examples=200)
def test_any_bytes_anywhere(noise: bytes, at: int, gone: int) -> None:
    profile = replace(design("anna"), origin="x")
    data = packed({"profile.json": written(profile)}, zipfile.ZIP_STORED)
    at %= len(data) + 1
    with tempfile.TemporaryDirectory() as folder:
        try:
            imported(Store.below(Path(folder)), data[:at] + noise + data[at + gone :])
        except BadBundle:
            assert not list(Path(folder).iterdir())


def changed(good: bytes, **held: bytes | None) -> bytes:
    """The same bundle with other members; `_` stands for the dot."""
    new = {name.replace("_", "."): data for name, data in held.items()}
    return packed({name: data for name, data in {**members(good), **new}.items() if data is not None})


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"profile_json": None}, r"it holds no profile\.json"),
        ({"profile_json": b"{"}, r"its profile\.json is no profile: not JSON"),
        ({"profile_json": b'{"schema": 2}'}, "of a newer voiced"),
        ({"profile_json": written(design())}, "holds prompts|transcript|1 recordings"),
        ({"reference_wav": None}, "it holds 0 recordings, and a voice of this kind has one recording"),
        ({"reference_flac": WAV}, "it holds 2 recordings"),
        ({"reference_wav": WAV + b"!"}, "the digest is another"),
        ({"reference_wav": b""}, "the digest is another"),
        ({"transcript_txt": b"Something else."}, r"transcript\.txt is not the transcript"),
        ({"transcript_txt": b"\xff"}, r"transcript\.txt is not the transcript"),
        ({f"prompts/{'0' * 64}": b"of somebody else"}, "is not one of the voice 'anna'"),
    ],
)
def test_it_does_not_fit_together(there: Store, good: bytes, held: dict[str, bytes | None], told: str) -> None:
    refused(there, changed(good, **held), told)


def test_a_recording_of_no_clone(there: Store) -> None:
    refused(there, packed({"profile.json": written(design()), "reference.wav": WAV}), "1 recordings, .* no recording")
    refused(there, packed({"profile.json": written(design()), f"prompts/{KEY}": b"x"}), "not one of the voice")
    refused(there, packed({"profile.json": written(design()), "transcript.txt": b""}), "is not the transcript")


@pytest.mark.parametrize(
    "name",
    [
        "../profile.json", "/profile.json", "C:profile.json", "C:\\profile.json", "..\\profile.json", "prompts\\x", "prompts/",
        "prompts/../../profiles/anna.json", "prompts/x", f"prompts/{KEY.upper()}", f"prompts//{KEY}", f"prompts/{KEY}/x",
        f"./prompts/{KEY}", "profiles/anna.json", "PROFILE.JSON", "profile.json/", "profile.json\x00.txt", "profile.json ",
        "reference", "reference.", "reference.exe", "reference.wav.exe", "reference.zip", "refs/reference.wav", "reference.wav\n",
        "__MACOSX/._profile.json", ".DS_Store", "", ".", "..", "COM1", "~/x", "prоfile.json", "％2e％2e/x", "a" * 60_000,
    ],
)  # fmt: skip
def test_names_that_no_voice_has(there: Store, good: bytes, name: str) -> None:
    held = {**members(good), "@" * len(name.encode()): b"x"}
    data = (
        packed(held).replace(b"@" * len(name.encode()), name.encode()) if name else packed({**members(good), "": b"x"})
    )
    assert data.count(name.encode()) >= 2
    if not name.isascii():
        data = utf_8(data, name)
    refused(there, data, "which is no part of a voice|is damaged|its list of files")


def utf_8(data: bytes, name: str) -> bytes:
    """Mark the name as UTF-8, in both places."""
    changed = bytearray(data)
    for at in (n for n in range(len(data)) if data.startswith(name.encode(), n)):
        for start, sign, flags in ((at - 30, b"PK\3\4", 6), (at - 46, b"PK\1\2", 8)):
            if data[start : start + 4] == sign:
                changed[start + flags + 1] |= 0x08
    return bytes(changed)


def test_a_file_that_is_there_twice(there: Store, good: bytes) -> None:
    whole = io.BytesIO(packed(members(good)))
    with warnings.catch_warnings(), zipfile.ZipFile(whole, "a") as parcel:
        warnings.simplefilter("ignore")
        parcel.writestr("profile.json", written(design("anna")))
    refused(there, whole.getvalue(), "it holds a file twice")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_what_is_no_plain_file(there: Store, good: bytes, kind: int) -> None:
    refused(there, packed(members(good), external_attr=(kind | 0o777) << 16, create_system=3), "is no plain file")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing(there: Store, good: bytes, method: int) -> None:
    refused(there, packed(members(good), method), "is not pressed by `deflate`")


@pytest.mark.parametrize("flag", [0x0001, 0x0020, 0x0040, 0x2000])
def test_what_is_encrypted(there: Store, good: bytes, flag: int) -> None:
    data = bytearray(good)
    for sign, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := good.find(sign, start + 1)) >= 0:
            struct.pack_into("<H", data, start + at, flag)
    refused(there, bytes(data), "is encrypted, or made in a way")


# --- bombs -----------------------------------------------------------------------------------------


def quiet(call: Callable[[], object], most_bytes: int) -> None:
    """It takes no more memory than this."""
    tracemalloc.start()
    try:
        call()
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()


def test_a_flat_bomb(there: Store, good: bytes) -> None:
    data = packed({**members(good), "reference.wav": bytes(50_000_000)})
    quiet(lambda: refused(there, data, r"'reference\.wav' shrinks to less than 1/100"), 1_000_000)
    data = packed({**members(good), "reference.wav": bytes(MAX_AUDIO_BYTES + 1)})
    quiet(lambda: refused(there, data, "64000001 bytes, and 64000000 are possible"), 1_000_000)
    for name in ("profile.json", "transcript.txt", f"prompts/{KEY}"):
        data = packed({**members(good), name: bytes(5_000_000)}, zipfile.ZIP_STORED)
        refused(there, data, "5000000 bytes, and")


def test_a_bomb_that_lies_about_its_size(there: Store, good: bytes) -> None:
    """Sixty million zeros that are listed as forty bytes, their checksum right or wrong."""
    held = members(good)
    zeros = bytes(60_000_000)
    data = packed({**held, "reference.wav": zeros})
    for crc in (zlib.crc32(zeros), zlib.crc32(bytes(40))):
        lying = bytearray(data)
        for at in [n for n in range(len(data)) if data.startswith(struct.pack("<L", len(zeros)), n)]:
            struct.pack_into("<L", lying, at, 40)
            struct.pack_into("<L", lying, at - 8, crc)
        assert lying != data
        quiet(lambda lying=bytes(lying): refused(there, lying), 2_000_000)  # type: ignore[misc]


def test_a_nested_bomb(there: Store, good: bytes) -> None:
    """A zip file in a zip file is a recording that nobody opens: it is the right one, or not."""
    inner = packed({"a": bytes(10_000_000)})
    for _ in range(3):
        inner = packed({f"{n}.zip": inner for n in range(10)})
    assert len(inner) > 100
    refused(there, packed({**members(good), "reference.wav": inner}), "digest is another")
    refused(there, packed({**members(good), "profile.json": inner}, zipfile.ZIP_STORED), "bytes, and|is no profile")
    refused(there, packed({**members(good), "inner.zip": inner}), "is no part of a voice")


def overlapping(held: Mapping[str, bytes]) -> bytes:
    """Every name in the list, all of them at the first one's bytes."""
    data = packed({name: next(iter(held.values())) for name in held}, zipfile.ZIP_STORED)
    changed = bytearray(data)
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        struct.pack_into("<L", changed, at + 42, 0)
    return bytes(changed)


def test_an_overlapping_bomb(there: Store, good: bytes) -> None:
    refused(there, overlapping(members(good)), "its files overlap|is not as it is listed")
    keys = {f"prompts/{KEY[:-2]}{n:02x}": bytes(900_000) for n in range(30)}
    data = overlapping(keys)
    quiet(lambda: refused(there, data, "its files overlap|is not as it is listed"), 1_000_000)


def test_members_that_hold_each_other(there: Store) -> None:
    """The first one's bytes begin with the second one's header: what a bomb of this kind is made of."""
    profile = written(design("anna"))
    second = packed({f"prompts/{KEY}": b"x" * 500}, zipfile.ZIP_STORED)
    local = second[: second.index(b"PK\1\2")]
    data = packed({"profile.json": profile, "transcript.txt": local}, zipfile.ZIP_STORED)
    start, inside = data.index(b"PK\1\2"), data.index(local)
    listed = bytearray(second[second.index(b"PK\1\2") : second.index(b"PK\5\6")])
    struct.pack_into("<L", listed, 42, inside)
    end = bytearray(data[data.index(b"PK\5\6") :])
    size = len(data) - len(end) - start + len(listed)
    struct.pack_into("<2HL", end, 8, 3, 3, size)
    refused(there, data[: -len(end)] + bytes(listed) + bytes(end), "its files overlap")


def test_too_many_files(there: Store, good: bytes) -> None:
    many = {f"prompts/{KEY[:-4]}{n:04x}": b"" for n in range(40)}
    refused(there, packed({**members(good), **many}), "it holds 44 files, and a voice has 35 at most")
    many = {f"prompts/{KEY[:-4]}{n:04x}": b"" for n in range(2000)}
    refused(there, packed({**members(good), **many}), "its list of files")
    within = {f"prompts/{KEY[:-4]}{n:04x}": b"" for n in range(31)}
    assert len(imported(there, packed({**members(good), **within}))[1]) == 32


def test_too_large_a_file(there: Store) -> None:
    refused(there, bytes(bundle.MAX_BUNDLE_BYTES + 1), "101000001 bytes, and 101000000 are possible")


def test_the_largest_voice_travels(store: Store, there: Store) -> None:
    text = "ü" * 4096
    profile = replace(clone(), reference=Reference("", "", text), emotions={f"mood {n}": text for n in range(64)})
    made = store.create(replace(profile, description=text, origin=NOTE), bytes(range(256)) * 250_000, "wav")
    start = prompts.of_voice(made.reference.digest, text, "in-context") if made.reference else ""
    data = export(store, "anna", {start + f"{n:032x}": bytes(1_000_000) for n in range(32)})
    assert len(data) < bundle.MAX_BUNDLE_BYTES
    assert imported(there, data)[0] == made


# --- files that are two things ---------------------------------------------------------------------


def moved(data: bytes, by: int) -> bytes:
    """The same zip file when so many bytes stand before it."""
    changed = bytearray(data)
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        struct.pack_into("<L", changed, at + 42, struct.unpack_from("<L", data, at + 42)[0] + by)
    end = data.index(b"PK\5\6")
    struct.pack_into("<L", changed, end + 16, struct.unpack_from("<L", data, end + 16)[0] + by)
    return bytes(changed)


@pytest.mark.parametrize(
    "before", [b"#!/bin/sh\nexit\n", WAV, b"%PDF-1.7\n", b"PK\x05\x06" + bytes(18), b"PK\3\4" + bytes(60)]
)
def test_something_before_it(there: Store, good: bytes, before: bytes) -> None:
    for data in (before + good, before + moved(good, len(before))):
        assert zipfile.is_zipfile(io.BytesIO(data))
        refused(there, data, "no zip file|overlap|stands between|its list of files")


def test_something_after_it(there: Store, good: bytes) -> None:
    refused(there, good + b"<script>", "something stands after it")
    refused(there, good[:-2] + struct.pack("<H", 8), "something stands after it")
    commented = good[:-2] + struct.pack("<H", 8) + b"<script>"
    assert zipfile.is_zipfile(io.BytesIO(commented))
    refused(there, commented, "something stands after it")
    # another list of other files in the comment, for who looks from behind
    other = packed({"profile.json": written(design("eve"))})
    refused(
        there, good[:-2] + struct.pack("<H", len(other)) + other, "list of files|overlap|stands between|it is damaged"
    )


def test_something_in_between(there: Store, good: bytes) -> None:
    start = good.index(b"PK\1\2")
    hidden = good[:start] + b"hidden here" + good[start:]
    changed = bytearray(hidden)
    struct.pack_into("<L", changed, hidden.index(b"PK\5\6") + 16, start + 11)
    assert zipfile.ZipFile(io.BytesIO(bytes(changed))).testzip() is None
    refused(there, bytes(changed), "something stands between")


def test_two_names_for_one_file(there: Store, good: bytes) -> None:
    """Its own and the list's: another program would see another."""
    refused(there, good.replace(b"transcript.txt", b"transcripT.txt", 1), "is damaged")


def test_two_sizes_for_one_file(there: Store, good: bytes) -> None:
    at = good.index(b"transcript.txt") - 30
    changed = bytearray(good)
    struct.pack_into("<L", changed, at + 22, 5)
    refused(there, bytes(changed), r"'transcript\.txt' is not as it is listed")


def test_a_zip_for_more_than_4_gb(there: Store, good: bytes) -> None:
    """A second end of the list, which only some programs obey, hidden in the last name's own fields."""
    with zipfile.ZipFile(whole := io.BytesIO(), "w") as parcel:
        info = zipfile.ZipInfo("profile.json")
        info.comment = b"PK\6\7" + bytes(16)
        parcel.writestr(info, written(design("anna")))
    refused(there, whole.getvalue(), "for more than 4 GB|is damaged")
