"""Portions are the whole recording, cut where nobody speaks, however long it is."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from outputs.decoder import UnreadableAudio
from outputs.portions import portions

RATE = 16_000


def noise(seconds: float, level: float = 0.2) -> np.ndarray:
    return (np.random.default_rng(int(seconds * 1000)).standard_normal(int(seconds * RATE)) * level).astype(np.float32)


def kept(folder: Path, *parts: np.ndarray, name: str = "a.wav") -> Path:
    soundfile.write(folder / name, np.concatenate(parts), RATE, "PCM_16")
    return folder / name


def test_a_short_recording_is_one_portion(tmp_path: Path) -> None:
    (only,) = portions(kept(tmp_path, noise(3)), RATE, least_s=2, most_s=4)
    assert (only.begin, len(only.samples)) == (0, 3 * RATE)


def test_it_is_cut_in_the_middle_of_the_longest_pause(tmp_path: Path) -> None:
    silence = np.zeros(RATE, np.float32)
    path = kept(
        tmp_path, noise(2.3), silence[: RATE // 5], noise(0.4), silence, noise(2.0), silence[: RATE // 2], noise(3)
    )
    found = list(portions(path, RATE, least_s=2, most_s=5))
    # the one second from 2.9 to 3.9 is longer than what is heard of the others
    assert [round(one.begin / RATE, 2) for one in found] == [0.0, 3.4, 6.15]


def test_of_two_pauses_the_longer_one_is_taken(tmp_path: Path) -> None:
    silence = np.zeros(RATE, np.float32)
    path = kept(tmp_path, noise(2.2), silence[: RATE // 2], noise(0.4), silence, noise(3.0))
    assert [round(one.begin / RATE, 2) for one in portions(path, RATE, least_s=2, most_s=5)] == [0.0, 3.6]


def test_in_noise_it_is_cut_where_it_is_quietest(tmp_path: Path) -> None:
    path = kept(tmp_path, noise(2.5), noise(0.5, 0.02), noise(3), name="a.flac")
    found = list(portions(path, RATE, least_s=2, most_s=5))
    assert found[1].begin / RATE == pytest.approx(2.75, abs=0.06)


def test_without_any_pause_it_is_cut_all_the_same(tmp_path: Path) -> None:
    tone = np.full(11 * RATE, 0.5, np.float32)
    found = list(portions(kept(tmp_path, tone), RATE, least_s=2, most_s=4))
    assert len(found) >= 3
    assert all(len(one.samples) <= 4 * RATE for one in found)


@given(
    st.lists(st.tuples(st.floats(0.01, 1.5), st.sampled_from([0.0, 0.001, 0.3])), max_size=12),
    st.floats(0.1, 1.0), st.floats(0.1, 2.0),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_and_nothing_heard_twice(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[float, float]], least: float, more: float
) -> None:
    path = kept(tmp_path_factory.mktemp("portions"), noise(0.05), *(noise(*part) for part in parts))
    found = list(portions(path, RATE, least_s=least, most_s=least + more))
    whole, _ = soundfile.read(path, dtype="float32")
    assert np.array_equal(np.concatenate([one.samples for one in found]), whole)
    assert [one.begin for one in found] == [sum(len(before.samples) for before in found[:n]) for n in range(len(found))]
    assert all(round(least * RATE) <= len(one.samples) <= round((least + more) * RATE) for one in found[:-1])


def test_a_long_recording_takes_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for _ in range(15):
            file.write(np.concatenate([noise(50), np.zeros(10 * RATE, np.float32)]))
    tracemalloc.start()
    count = sum(len(one.samples) for one in portions(path, RATE, least_s=10, most_s=30))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 15 * 60 * RATE
    assert peak < 30 * RATE * 4 * 6, "all of it would be 58 MB"


def test_what_is_no_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"hello")
    with pytest.raises(UnreadableAudio):
        list(portions(tmp_path / "x.wav", RATE, least_s=1, most_s=2))
