"""Codes as files: what numpy wrote is read, what nobody should have written is refused before it is believed."""

from __future__ import annotations

import io
import json
import pickle
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outputs import codes
from outputs.codes import MAX_FRAMES, MAX_MISTAKES, MAX_NPZ_BYTES, BadCodes, Codes

TABLE = np.random.default_rng(0).integers(0, 2048, (20, 16)).astype(np.int16)
MADE = Codes(TABLE, "qwen3-tts-0.6b-base")


def zipped(kind: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as parcel:
        for name, data in members.items():
            parcel.writestr(f"{name}.npy", data)
    return file.getvalue()


def saved(array: Any, save: Callable[..., None] = np.savez, **more: Any) -> bytes:
    file = io.BytesIO()
    save(file, codes=array, **more)
    return file.getvalue()


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def mistakes(data: bytes) -> tuple[tuple[str, str], ...]:
    with pytest.raises(BadCodes) as caught:
        codes.read(data)
    return caught.value.mistakes


def same(table: Any) -> bool:
    return np.array_equal(table, TABLE) and table.dtype == np.int16 and table.shape == (20, 16)


def test_both_kinds_of_file_are_read_back() -> None:
    for data in (codes.to_npz(MADE), codes.to_json(MADE)):
        assert same(codes.read(data))
    told = json.loads(codes.to_json(MADE))
    assert told == codes.as_dict(MADE)
    assert (told["frames"], told["seconds"], told["frame_rate"]) == (20, 1.6, 12.5)
    assert same(codes.read(json.dumps(TABLE.tolist()).encode()))
    assert same(codes.read(json.dumps({"codes": TABLE.astype(float).tolist()}).encode()))  # 7.0 is 7


def test_numpy_reads_what_we_write_and_the_same_codes_are_the_same_bytes() -> None:
    data = codes.to_npz(MADE)
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        assert sorted(file) == ["codes", "frame_rate", "model"]
        assert same(file["codes"])
        assert (float(file["frame_rate"]), str(file["model"])) == (12.5, MADE.model)
    again = Codes(np.asfortranarray(TABLE.astype(">i2")), MADE.model)
    assert codes.to_npz(again) == data
    assert codes.to_npz(Codes(TABLE)) != data
    assert {info.date_time for info in zipfile.ZipFile(io.BytesIO(data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<i4", "<i8", ">u4", "<u2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_numpy_writes_is_read(save: Callable[..., None], dtype: str, order: Any) -> None:
    assert same(codes.read(saved(TABLE.astype(dtype, order=order), save, other=np.zeros(3))))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format(version: tuple[int, int]) -> None:
    file = io.BytesIO()
    np.lib.format.write_array(file, TABLE, version=version)
    assert same(codes.read(zipped(codes=file.getvalue())))


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (TABLE.astype("<f4"), "holds <f4; int16"),
        (TABLE > 5, "holds |b1"),
        (TABLE.astype(object), "holds |O"),
        (np.zeros(3, [("a", "<i4")]), "holds [('a', '<i4')]"),
        (TABLE[:, :15], "the shape [20, 15]; [frames, 16]"),
        (TABLE[0], "the shape [16]"),
        (TABLE[None], "the shape [1, 20, 16]"),
        (np.array(3), "the shape []"),
        (TABLE[:0], "a frame at least"),
        (np.zeros((MAX_FRAMES + 1, 16), np.int16), "7501 frames, and 7500 are decoded at once: 10 minutes"),
    ],
)
def test_arrays_that_are_no_codes(array: Any, told: str) -> None:
    ((place, text),) = mistakes(saved(array, np.savez_compressed))
    assert place == "codes" and told in text


def test_codes_out_of_range_are_told_with_their_places() -> None:
    table = TABLE.astype(np.int64)
    table[3, 5], table[19, 15] = -1, 2**40
    places = (("codes[3][5]", "-1 is not from 0 to 32767"), ("codes[19][15]", "1099511627776 is not from 0 to 32767"))
    assert mistakes(saved(table)) == places
    assert mistakes(json.dumps(table.tolist()).encode()) == places
    with pytest.raises(BadCodes) as caught:
        codes.check(TABLE, int(TABLE.max()))
    frame, place = np.unravel_index(TABLE.argmax(), TABLE.shape)
    highest = int(TABLE.max())
    assert caught.value.mistakes[0] == (f"codes[{frame}][{place}]", f"{highest} is not from 0 to {highest - 1}")
    codes.check(TABLE, 2048)
    with pytest.raises(BadCodes) as caught:
        codes.check(TABLE, 1)
    assert len(caught.value.mistakes) == MAX_MISTAKES


def test_every_mistake_of_a_list_at_once() -> None:
    good = list(range(16))
    value = [good, good[:3], "x", [*good[:14], True, 1.5], [*good[:15], None], [*good[:15], 10**5000 - 1], {}]
    with pytest.raises(BadCodes) as caught:
        codes.from_list(value)
    assert caught.value.mistakes == (
        ("codes[1]", "has 3 codes; a frame has 16"),
        ("codes[2]", "must be a list of 16 codes"),
        ("codes[3][14]", "must be a whole number"),
        ("codes[3][15]", "must be a whole number"),
        ("codes[4][15]", "must be a whole number"),
        ("codes[5][15]", "a number of many digits is not from 0 to 32767"),
        ("codes[6]", "must be a list of 16 codes"),
    )
    assert str(caught.value).startswith("codes[1]: has 3 codes")
    with pytest.raises(BadCodes) as caught:
        codes.from_list([[None] * 16] * 100)
    assert len(caught.value.mistakes) == MAX_MISTAKES


@pytest.mark.parametrize("data", [b"", b"{", b"3", b"{}", b'{"codes": {}}', b"[]", b"\xff", b"[" * 100_000, b"[[NaN]]"])
def test_files_of_neither_kind(data: bytes) -> None:
    assert mistakes(data)


def test_nothing_is_unpickled() -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return pytest.fail, ("unpickled",)

    array = np.empty((2, 16), object)
    array[:] = Trap()
    assert "|O" in mistakes(saved(array))[0][1]
    assert mistakes(zipped(codes=pickle.dumps(Trap())))
    assert mistakes(pickle.dumps(Trap()))


def head_of(shape: str, dtype: str = "'<i2'", data: bytes = b"") -> bytes:
    head = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': ({shape}), }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


@pytest.mark.parametrize(
    "member",
    [
        b"", b"\x93NUMPY", b"\x93NUMPY\x09\x00\x10\x00" + b" " * 20, b"\x93NUMPY\x01\x00\xff\xff{",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", head_of("7000, 16"), head_of("7000, 16", data=b"\0" * 3),
        head_of("2, 16", data=b"\0" * 65), head_of("-1, 16"), head_of("2, 16, "), head_of("2 16", "__import__('os')"),
        head_of("99999999999999999999, 16"), head_of("2, 16", "'<i2'" * 900), npy(TABLE)[:-1], npy(TABLE) + b"\0",
    ],
)  # fmt: skip
def test_heads_that_lie(member: bytes) -> None:
    assert mistakes(zipped(codes=member))


def test_bombs_are_not_unpacked() -> None:
    bomb = zipped(codes=npy(np.zeros((1_000_000, 16), np.int16)))
    assert len(bomb) < 100_000
    lie = bytearray(bomb)
    entry = lie.index(b"PK\1\2")
    lie[entry + 24 : entry + 28] = (2000).to_bytes(4, "little")  # what the list of files says of its size
    many = zipped(zipfile.ZIP_STORED, **{f"a{number}": b"" for number in range(100)})
    other = zipped(codes=npy(TABLE), bomb=bytes(50_000_000))
    tracemalloc.start()
    for data in (bomb, bytes(lie), many, b"PK\3\4" + bytes(MAX_NPZ_BYTES)):
        assert mistakes(data)
    assert same(codes.read(other))  # what is not asked for is not looked at
    assert tracemalloc.get_traced_memory()[1] < 4 * MAX_NPZ_BYTES
    tracemalloc.stop()


def test_members_that_are_not_what_numpy_writes() -> None:
    assert "it is x.npy" in mistakes(zipped(x=npy(TABLE)))[0][1].replace("in it is", "it is")
    with pytest.warns(UserWarning, match="Duplicate"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as parcel:
            parcel.writestr("codes.npy", npy(TABLE))
            parcel.writestr("codes.npy", npy(TABLE))
    assert "2 times" in mistakes(file.getvalue())[0][1]
    assert "deflate" in mistakes(zipped(zipfile.ZIP_LZMA, codes=npy(TABLE)))[0][1]
    locked = bytearray(zipped(codes=npy(TABLE)))
    locked[locked.index(b"PK\1\2") + 8] |= 1
    assert "damaged" in mistakes(bytes(locked))[0][1]


SEEDS = (codes.to_npz(MADE), saved(TABLE, np.savez_compressed), saved(TABLE.astype("<i8")), codes.to_json(MADE))


def believed(data: bytes) -> bool:
    """Whether it was read; then it is codes, and else BadCodes is all that comes of it."""
    try:
        table = codes.read(data)
    except BadCodes as error:
        assert error.mistakes and str(error)
        return False
    assert table.dtype == np.int16 and table.ndim == 2 and table.shape[1] == 16 and 0 < len(table) <= MAX_FRAMES
    assert table.min() >= 0
    return True


def test_damaged_files() -> None:
    draw, read = random.Random(1), 0
    for _ in range(6000):
        data = bytearray(draw.choice(SEEDS))
        for _ in range(draw.choice((1, 1, 2, 5, 30))):
            at = draw.randrange(len(data))
            match draw.randrange(4):
                case 0:
                    data[at] = draw.randrange(256)
                case 1:
                    del data[at : at + draw.choice((1, 2, 50))]
                case 2:
                    data[at:at] = draw.randbytes(draw.choice((1, 4, 40)))
                case 3:
                    data[at : at + 4] = draw.choice((0, 1, 2**16 - 1, 2**31, 2**32 - 1)).to_bytes(4, "little")
            if not data:
                break
        read += believed(bytes(data))
    assert 0 < read < 3000


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "zip", "npy", "head"]))
def test_any_bytes(data: bytes, around: str) -> None:
    believed(
        {"": data, "zip": b"PK\3\4" + data, "npy": zipped(codes=data), "head": zipped(codes=head_of("1, 16") + data)}[
            around
        ]
    )


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


def inner(of: Any) -> Any:
    return st.lists(of, max_size=18) | st.dictionaries(st.sampled_from(["codes", "x"]), of)


@settings(max_examples=200, deadline=None)
@given(st.recursive(LEAVES, inner, max_leaves=40))
def test_any_json(value: object) -> None:
    believed(json.dumps(value).encode())


def test_what_is_no_json_at_all_is_told_without_a_place_and_broken_json_with_it() -> None:
    with pytest.raises(BadCodes) as caught:
        codes.read(b"Ahoy there!")
    assert str(caught.value).endswith("the file is neither .npz nor JSON")
    with pytest.raises(BadCodes, match=r"neither .* line 2"):
        codes.read(b'{"codes":\n [[1, 2]')
