"""Whether more than one voice speaks: two heaps of sounds, further apart than one voice ever strays."""

from __future__ import annotations

from typing import Final

import numpy as np

from voices.clips.frames import CHUNK, RATE, Mask, Numbers, Samples, framed

_HOP: Final = 256
_WINDOW: Final = 1024
# Mel bands, as the ear hears them, and the cepstrum of them that tells one throat from another.
_BANDS: Final = 24
_LOW_HZ, _HIGH_HZ = 100.0, 7600.0
_CEPSTRUM: Final = 11
# Voices are between a deep man's and a child's; above the last no harmonic helps.
_DEEPEST_HZ, _HIGHEST_HZ, _HARMONICS_HZ = 65.0, 420.0, 1000.0
_VOICED: Final = 0.5
# A peak at twice the period is as high; the shortest one that is nearly the best is the voice's.
_NEARLY: Final = 0.9
_QUIET_DB: Final = 25.0
# Some 0.6 s of vowels are a piece; from eight of them, five seconds, heaps are more than chance. 0.2 s without are a pause.
_PIECE: Final = 40
_FEWEST: Final = 8
_PAUSE: Final = 12
# Less than a sixth of the pieces is an odd word, not a person.
_LEAST_SHARE: Final = 0.15
# How far the pieces of one voice stray: eleven cepstral coefficients and the logarithm of the pitch, by 257 readings of
# LibriSpeech that are long enough.
_STRAY: Final = np.array([2.53, 1.37, 1.49, 1.07, 0.74, 0.72, 0.6, 0.52, 0.51, 0.45, 0.41, 0.18])
# By how much the heaps must be apart (in strayings, squared): of those readings one was further. Of two of their
# voices, one after the other, three of four are where one is a man's and one a woman's, and half where they are alike.
APART: Final = 5.6


def company(samples: Samples, speech: Mask) -> float:
    """How far apart the two most different heaps of sounds are, in mono samples at 16 kHz; 0 where there are too few."""
    pieces = _pieces(samples, speech)
    if len(pieces) < _FEWEST:
        return 0.0
    # Neighbours are mostly of one voice: how far they are apart is how far this voice strays in this recording.
    neighbours = np.mean(np.diff(pieces, axis=0) ** 2, axis=0) / 2
    return _apart(pieces / np.sqrt((neighbours + _STRAY**2) / 2))


def _pieces(samples: Samples, speech: Mask) -> Numbers:
    """[n, 12]: what the vowels of each piece sound like; no piece reaches across a pause, where voices take turns."""
    frames = framed(samples, _WINDOW, _HOP)
    places = np.flatnonzero(
        speech[np.minimum((np.arange(len(frames)) * _HOP + _WINDOW // 2) // CHUNK, len(speech) - 1)]
    )
    if len(places) < _PIECE:
        return np.zeros((0, _CEPSTRUM + 1))
    frames = frames[places]
    pitch, voiced = _pitch(frames)
    level = 10 * np.log10(frames.var(axis=1) + 1e-10)
    used = voiced & (level > np.quantile(level, 0.9) - _QUIET_DB)
    sounds = np.column_stack([_cepstrum(frames[used]), np.log(pitch[used])])
    phrases = np.split(sounds, np.flatnonzero(np.diff(places[used]) > _PAUSE) + 1)
    pieces = [
        np.append(piece[:, :-1].mean(axis=0), np.median(piece[:, -1]))
        for phrase in phrases
        if len(phrase) >= _PIECE / 2
        for piece in np.array_split(phrase, max(1, round(len(phrase) / _PIECE)))
    ]
    return np.array(pieces).reshape(-1, _CEPSTRUM + 1)


def _cepstrum(frames: Samples) -> Numbers:
    """[n, _CEPSTRUM]: the shape of the spectrum, without its height."""
    edge = (_WINDOW - CHUNK) // 2
    power = np.abs(np.fft.rfft(frames[:, edge : edge + CHUNK] * np.hanning(CHUNK), axis=1)) ** 2
    turns = np.arange(1, _CEPSTRUM + 1)[:, None] * (np.arange(_BANDS) + 0.5) / _BANDS
    shape: Numbers = np.log(power @ _mel().T + 1e-8) @ (np.cos(np.pi * turns) * np.sqrt(2 / _BANDS)).T
    return shape


def _mel() -> Numbers:
    """[_BANDS, bins]: triangles, each as wide as two steps of the mel scale."""
    low, high = (1127 * np.log1p(hertz / 700) for hertz in (_LOW_HZ, _HIGH_HZ))
    edges = 700 * np.expm1(np.linspace(low, high, _BANDS + 2) / 1127)
    hertz, widths = np.fft.rfftfreq(CHUNK, 1 / RATE), np.diff(edges)[:, None]
    rising, falling = (hertz - edges[:-2, None]) / widths[:-1], (edges[2:, None] - hertz) / widths[1:]
    triangles: Numbers = np.maximum(0.0, np.minimum(rising, falling))
    return triangles


def _pitch(frames: Samples) -> tuple[Numbers, Mask]:
    """Hz of each frame, and whether it is one of a voice at all: by autocorrelation."""
    window, size = np.hanning(_WINDOW), 2 * _WINDOW
    power = np.abs(np.fft.rfft(frames * window, size, axis=1)) ** 2
    power[:, int(_HARMONICS_HZ / RATE * size) :] = 0
    shortest, longest = int(RATE / _HIGHEST_HZ), int(RATE / _DEEPEST_HZ)
    fading = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:longest]
    similar = np.fft.irfft(power, axis=1)[:, :longest]
    similar = similar / np.maximum(similar[:, :1], 1e-9) * (fading[0] / fading)
    lags = similar[:, shortest:]
    best = lags.max(axis=1)
    peak = np.zeros(lags.shape, np.bool_)
    peak[:, 1:-1] = (lags[:, 1:-1] >= lags[:, :-2]) & (lags[:, 1:-1] >= lags[:, 2:])
    peak &= lags >= _NEARLY * best[:, None]
    first = np.where(peak.any(axis=1), peak.argmax(axis=1), lags.argmax(axis=1))
    return RATE / (first + shortest), best > _VOICED


def _apart(pieces: Numbers) -> float:
    """The variance between the two heaps that explain the pieces best, found from several beginnings."""
    middle = pieces - pieces.mean(axis=0)
    count, directions = len(pieces), np.linalg.svd(middle, full_matrices=False)[2][:3]
    begun = [middle @ direction > 0 for direction in directions]
    begun += [np.arange(count) < count * share for share in (0.25, 0.5, 0.75)]
    return max(_heaps(pieces, mask) for mask in begun)


def _heaps(pieces: Numbers, first: Mask) -> float:
    """Two heaps by k-means from a first guess."""
    for _ in range(10):
        if min(first.sum(), (~first).sum()) < max(2, _LEAST_SHARE * len(pieces)):
            return 0.0
        one, other = pieces[first].mean(axis=0), pieces[~first].mean(axis=0)
        nearer = ((pieces - one) ** 2).sum(axis=1) < ((pieces - other) ** 2).sum(axis=1)
        if np.array_equal(nearer, first):
            break
        first = nearer
    share = float(first.mean())
    return share * (1 - share) * float(((one - other) ** 2).sum())
