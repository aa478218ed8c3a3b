"""How high the sound of a recording reaches, whatever its sample rate promises."""

from __future__ import annotations

from typing import Final

import numpy as np

from voices.clips.frames import CHUNK_S, Mask, Numbers, Samples, framed

# 32 ms: fine enough to see a telephone's edge within 100 Hz.
_WINDOW_S: Final = 0.032
# An "s" is in one frame of twenty; the loudest five in a hundred show it.
_LOUDEST: Final = 0.95
# What is further below the loudest is hiss, or what a resampler leaves behind its edge. The "s" of a dull microphone
# is at -50 dB.
_REACH_DB: Final = 65.0
# A second of speech has enough sounds; a minute's are not needed.
_MOST_FRAMES: Final = 1500


def bandwidth(samples: Samples, rate: int, speech: Mask) -> float:
    """Hz up to which there is sound in the chunks of speech; 0 where there is no speech."""
    size = int(_WINDOW_S * rate)
    frames = framed(samples, size, size)
    spoken = np.flatnonzero(
        speech[np.minimum(np.arange(len(frames)) * _WINDOW_S // CHUNK_S, len(speech) - 1).astype(int)]
    )
    if not spoken.size:
        return 0.0
    chosen = frames[spoken[:: -(-len(spoken) // _MOST_FRAMES)]]
    power = np.abs(np.fft.rfft(chosen * np.hanning(size), axis=1)) ** 2
    loud: Numbers = np.quantile(power, _LOUDEST, axis=0)
    heard = np.flatnonzero(loud > loud.max() / 10 ** (_REACH_DB / 10))
    return float(heard[-1] * rate / size)
