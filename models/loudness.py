"""Level: one loudness for every voice, no peak above the ceiling, no click at either end of a sentence."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
Powers = npt.NDArray[np.float64]

# What every voice is brought to, measured by pyloudnorm over a dozen sentences: streaming services and phones use -14 to
# -19, and at -18 speech keeps its peaks without audible limiting.
TARGET_LUFS: Final = -18.0
# Samples stay 1.5 dB below full scale; between the samples a resampler then finds no more than -1 dB (tested at 4x).
CEILING: Final = 10 ** (-1.5 / 20)
# How long before a peak the gain starts to fall, and after it to rise: two periods of a deep voice.
_REACH_S: Final = 0.02
# Voices start with up to 300 ms of nothing; this much of it is kept, for the breath before an "f" or an "h".
_LEAD_S: Final = 0.05
_FADE_S: Final = 0.005
# At one gain a voice says "Ja." 5 dB below its sentences. Speech at the target is at -15 dB while it sounds; what is below
# the floor is lifted to it, by no more than lets a sentence stay a quiet one.
_FLOOR_DB: Final = -16.5
_LIFT_DB: Final = 4.0
# Frames this far below the loudest one are pauses.
_PAUSE_DB: Final = 20.0
_FRAME_S: Final = 0.02
# At the target loudness speech is louder than -40 dB from its first sound on.
_ONSET: Final = 0.01


def trim(audio: Audio, rate: int) -> Audio:
    """A copy without the silence that it starts with, faded at both ends. The tail stays as long as it was."""
    heard = np.flatnonzero(np.abs(audio) > _ONSET)
    start = max(0, int(heard[0]) - int(_LEAD_S * rate)) if heard.size else 0
    trimmed = audio[start:].copy()
    ramp = np.linspace(0.0, 1.0, min(int(_FADE_S * rate), len(trimmed)), dtype=np.float32)
    trimmed[: len(ramp)] *= ramp
    trimmed[len(trimmed) - len(ramp) :] *= ramp[::-1]
    return trimmed


def even(audio: Audio, rate: int) -> Audio:
    """Lifted a little when it is quieter than speech at the target loudness; as it was otherwise."""
    frame = int(_FRAME_S * rate)
    frames = audio[: len(audio) // frame * frame].reshape(-1, frame)
    power: Powers = np.mean(frames * frames, axis=1, dtype=np.float64)
    if not power.max(initial=0.0):
        return audio
    level = 10 * np.log10(power[power > power.max() / 10 ** (_PAUSE_DB / 10)].mean())
    lift = min(max(_FLOOR_DB - level, 0.0), _LIFT_DB)
    return audio * np.float32(10 ** (lift / 20))


def limit(audio: Audio, rate: int) -> Audio:
    """Turned down around the peaks above the ceiling, and nowhere else; the gain has no corner that one could hear."""
    peaks = np.abs(audio)
    if peaks.max(initial=0.0) <= CEILING:
        return audio
    gain: Powers = CEILING / np.maximum(peaks.astype(np.float64), CEILING)
    reach = int(_REACH_S * rate)
    lowest = _sliding_min(np.pad(gain, 2 * reach, constant_values=1.0), 2 * reach + 1)
    smooth = _sliding_mean(_sliding_mean(lowest, reach + 1), reach + 1)
    return (audio * smooth).astype(np.float32)


def to_pcm(audio: Audio) -> bytes:
    """s16le."""
    return (np.clip(audio, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def _sliding_min(values: Powers, width: int) -> Powers:
    """The least of every `width` neighbours: len - width + 1 values, in log2(width) passes."""
    done = 1
    while done < width:
        step = min(done, width - done)
        values = np.minimum(values[:-step], values[step:])
        done += step
    return values


def _sliding_mean(values: Powers, width: int) -> Powers:
    sums = np.cumsum(np.concatenate(([0.0], values)))
    means: Powers = (sums[width:] - sums[:-width]) / width
    return means
