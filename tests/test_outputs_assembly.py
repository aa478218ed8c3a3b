"""What is joined is there to the sample, at the sample."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from outputs.assembly import Assembly, Part, Span
from outputs.decoder import UnreadableAudio

RATE = 24_000


def tone(samples: int, hz: float = 440.0, rate: int = RATE, level: float = 8000) -> np.ndarray:
    """Begins and ends in silence."""
    at = np.arange(samples)
    ends = np.clip(np.minimum(at, samples - 1 - at) / (rate / 100), 0, 1)
    return (level * ends * np.sin(2 * np.pi * hz * at / rate)).astype("<i2")


def kept(folder: Path, name: str, samples: np.ndarray, rate: int = RATE) -> Path:
    path = folder / name
    soundfile.write(path, samples, rate, "PCM_16")
    return path


def joined(parts: list[Part], rate: int = RATE) -> tuple[np.ndarray, Assembly]:
    made = Assembly(parts, rate)
    samples = np.frombuffer(b"".join(made), "<i2")
    assert len(samples) == made.samples
    return samples, made


def test_one_after_the_other_with_pauses_to_the_bit(tmp_path: Path) -> None:
    first, second = tone(6000), tone(65_000, 330.0)
    parts = [
        Part(kept(tmp_path, "a.flac", first), pause_ms=250),
        Part(kept(tmp_path, "b.wav", second), pause_ms=1),
        Part(tmp_path / "a.flac", pause_ms=500),
    ]
    samples, made = joined(parts)
    expected = [first, np.zeros(6000), second, np.zeros(24), first, np.zeros(12_000)]
    assert np.array_equal(samples, np.concatenate(expected))
    assert made.spans == (Span(0, 6000), Span(12_000, 77_000), Span(77_024, 83_024))
    assert b"".join(made) == samples.tobytes(), "another time is the same"
    for span, source in zip(made.spans, [first, second, first], strict=True):
        assert np.array_equal(samples[span.begin : span.end], source)


def test_nothing_is_nothing() -> None:
    samples, made = joined([])
    assert (len(samples), made.spans) == (0, ())


def test_full_scale_comes_through(tmp_path: Path) -> None:
    loud = np.zeros(9000, "<i2")
    loud[4000:5000:2], loud[4001:5000:2] = 32767, -32768
    assert np.array_equal(joined([Part(kept(tmp_path, "a.flac", loud))])[0], loud)


@pytest.mark.parametrize("pause_ms", [0, 100])
def test_a_part_that_begins_or_ends_loud_does_not_click(tmp_path: Path, pause_ms: int) -> None:
    hard = np.full(12_000, 9000, "<i2")
    path = kept(tmp_path, "a.flac", hard)
    samples, made = joined([Part(path, pause_ms), Part(path, pause_ms)])
    assert np.abs(np.diff(samples.astype(int))).max() < 9000 / 60, "no step is more than the slope of 5 ms"
    assert np.array_equal(samples[200:11_800], hard[200:11_800]), "only the ends are touched"
    begin = made.spans[1].begin
    assert abs(int(samples[begin])) < 100


def test_a_quiet_end_is_left_alone(tmp_path: Path) -> None:
    quiet = np.full(6000, 60, "<i2")
    assert np.array_equal(joined([Part(kept(tmp_path, "a.flac", quiet))])[0], quiet)


def test_a_crossfade_keeps_the_power(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    noises = [(random.standard_normal(48_000) * 3000).astype("<i2") for _ in range(2)]
    parts = [Part(kept(tmp_path, f"{at}.flac", noise), crossfade_ms=500) for at, noise in enumerate(noises)]
    samples, made = joined(parts)
    assert made.spans == (Span(0, 48_000), Span(36_000, 84_000)), "what the last one asked for has no next"
    for begin in range(36_000, 48_000, 3000):
        power = np.mean(samples[begin : begin + 3000].astype(float) ** 2)
        assert power == pytest.approx(3000**2, rel=0.12)
    assert np.array_equal(samples[200:36_000], noises[0][200:36_000])
    assert np.array_equal(samples[48_000:83_800], noises[1][12_000:47_800])


def test_a_crossfade_is_no_longer_than_half_a_part(tmp_path: Path) -> None:
    counts = [24_000, 2400, 24_000]
    parts = [Part(kept(tmp_path, f"{at}.flac", tone(count)), crossfade_ms=2000) for at, count in enumerate(counts)]
    assert joined(parts)[1].spans == (Span(0, 24_000), Span(22_800, 25_200), Span(24_000, 48_000))


def test_a_pause_below_zero_lets_two_speak_at_once(tmp_path: Path) -> None:
    first, second = tone(12_000), tone(6000, 880.0)
    samples, made = joined([Part(kept(tmp_path, "a.flac", first), -200), Part(kept(tmp_path, "b.flac", second))])
    assert made.spans == (Span(0, 12_000), Span(7200, 13_200))
    both = first[7200:12_000].astype(int) + second[:4800]
    assert np.array_equal(samples[7200:12_000], both)


def test_a_timeline_in_any_order(tmp_path: Path) -> None:
    paths = [kept(tmp_path, f"{at}.flac", tone(4800, 200.0 * (at + 1))) for at in range(3)]
    starts = [3000, 0, 3100]
    samples, made = joined([Part(path, start_ms=start) for path, start in zip(paths, starts, strict=True)])
    assert [span.begin for span in made.spans] == [72_000, 0, 74_400]
    assert made.samples == 79_200
    assert not samples[4800:72_000].any()
    both = tone(4800, 200.0)[2400:].astype(int) + tone(4800, 600.0)[:2400]
    assert np.array_equal(samples[74_400:76_800], both)


def test_where_the_sum_is_too_loud_it_is_turned_down_and_nowhere_else(tmp_path: Path) -> None:
    path = kept(tmp_path, "a.flac", tone(48_000, level=30_000))
    alone = tone(48_000, level=30_000)
    samples, _ = joined([Part(path, start_ms=0), Part(path, start_ms=1500)])
    assert np.array_equal(samples[:34_000], alone[:34_000])
    assert np.array_equal(samples[51_000:], alone[51_000 - 36_000 :])
    assert np.abs(samples.astype(int)).max() <= 32_768
    loud = samples[38_000:46_000].astype(float)
    assert (np.abs(loud) >= 32_767).mean() < 0.02, "it is not clipped"


def test_gain_of_a_part(tmp_path: Path) -> None:
    samples, _ = joined([Part(kept(tmp_path, "a.flac", tone(24_000)), gain=-6.0)])
    assert np.abs(samples - tone(24_000) * 10 ** (-6 / 20)).max() <= 1


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000])
def test_other_rates_are_brought_to_one(tmp_path: Path, rate: int) -> None:
    path = kept(tmp_path, "a.flac", tone(2 * rate + 37, rate=rate), rate)
    samples, made = joined([Part(path, pause_ms=100), Part(path)])
    assert abs(made.spans[0].end - (2 * rate + 37) * RATE / rate) <= 0.5
    assert made.spans[1].begin == made.spans[0].end + 2400
    middle = slice(12_000, 36_000)
    assert np.abs(samples[middle].astype(int) - tone(48_000)[middle]).max() < 80


def test_only_what_is_heard_at_one_time_is_in_memory(tmp_path: Path) -> None:
    path = kept(tmp_path, "a.flac", tone(RATE * 5))

    def peak(count: int) -> int:
        made = Assembly([Part(path, 100)] * count, RATE)
        tracemalloc.start()
        for _ in made:
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(40) < peak(4) + 100_000


@pytest.mark.parametrize("change", [-500, 500])
def test_a_file_that_is_not_as_long_as_it_says_is_told(tmp_path: Path, change: int) -> None:
    path = kept(tmp_path, "0007.flac", tone(RATE))
    data = bytearray(path.read_bytes())
    (word,) = struct.unpack_from(">Q", data, 18)
    struct.pack_into(">Q", data, 18, word + change)
    path.write_bytes(data)
    with pytest.raises(UnreadableAudio, match=r"0007\.flac is not \d+ samples long"):
        joined([Part(path)])


def test_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = kept(tmp_path, "0007.flac", np.random.default_rng(0).integers(-9000, 9000, RATE, dtype="<i2"))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(UnreadableAudio, match=r"0007\.flac"):
        joined([Part(path)])


def test_what_is_no_audio_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"hello")
    with pytest.raises(UnreadableAudio, match=r"a.flac: .*no WAV"):
        Assembly([Part(tmp_path / "a.flac")], RATE)
    with pytest.raises(FileNotFoundError):
        Assembly([Part(tmp_path / "b.flac")], RATE)


def test_joins_that_cannot_be(tmp_path: Path) -> None:
    path = kept(tmp_path, "a.flac", tone(2400))
    for parts, told in (
        ([Part(path, pause_ms=5, crossfade_ms=5)], "part 1 fades into"),
        ([Part(path), Part(path, crossfade_ms=5), Part(path, start_ms=5)], "part 2 fades into"),
        ([Part(path, crossfade_ms=-1)], "0 or more"),
        ([Part(path, start_ms=-7)], "7 ms before"),
    ):
        with pytest.raises(ValueError, match=told):
            Assembly(parts, RATE)


def test_reading_may_end_early(tmp_path: Path) -> None:
    made = Assembly([Part(kept(tmp_path, "a.flac", tone(RATE * 3)))], RATE)
    mixed = made.stem([0])._mixed()
    next(mixed)
    mixed.close()  # a file that stays open would be a ResourceWarning


def test_parts_of_a_few_samples(tmp_path: Path) -> None:
    parts = [Part(kept(tmp_path, f"{count}.wav", np.full(count, 50, "<i2"))) for count in (1, 2, 3)]
    assert joined(parts)[0].tolist() == [50] * 6


def test_stems_add_up_to_the_mix(tmp_path: Path) -> None:
    paths = [kept(tmp_path, f"{at}.flac", tone(9000 + at, 200.0 * (at + 1))) for at in range(4)]
    parts = [Part(path, pause_ms) for path, pause_ms in zip(paths, [37, -150, 20, 333], strict=True)]
    samples, made = joined(parts)
    stems = [np.frombuffer(b"".join(made.stem(numbers)), "<i2") for numbers in ((2, 0), [1, 3])]
    assert [len(stem) for stem in stems] == [made.samples] * 2
    assert np.array_equal(stems[0] + stems[1], samples)
    assert np.array_equal(stems[1][made.spans[1].begin : made.spans[1].end], tone(9001, 400.0))
    assert not any(b"".join(made.stem(())))
