"""Audio to codes and back, in portions (see models.backend.AudioCodec)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from models.backend import BadReference, RowFailed
from models.qwen.codec_encoder import CodecEncoder, check, wave_of
from models.qwen.shortage import told
from models.qwen.wave import to_pcm

if TYPE_CHECKING:
    from models.backend import Codes, Samples
    from models.qwen.codec import Codec

# The largest layer of the encoder takes 29 ms of one core for a second of audio at full size, all of them together 132 ms
# and 25 MB: no portion is longer than a second, and 0.75 GB are taken for a moment.
MAX_SECONDS: Final = 30.0
# 15 ms a frame at full size on two cores: half a second.
FRAMES: Final = 32


def encoding(tokenizer: Path, samples: Samples, sample_rate: int) -> Iterator[Codes | None]:
    """By the encoder in the folder of a tokenizer, which is loaded for it. Raises BadReference, EngineUnavailable."""
    check(samples, sample_rate)
    if (seconds := len(samples) / sample_rate) > MAX_SECONDS:
        raise BadReference(f"the recording lasts {seconds:.0f} s; {MAX_SECONDS:.0f} s are encoded at once")
    with told("to encode this recording"):
        encoder = CodecEncoder(tokenizer)
        portions = encoder.portions(wave_of(samples, sample_rate))
    while True:
        yield None
        with told("to encode this recording"):
            codes = next(portions)
        if codes is not None:
            yield codes.numpy().astype(np.int16)
            return


def decoding(codec: Callable[[], Codec], codes: Codes) -> Iterator[bytes]:
    """By the codec that speech is made with, bit for bit; nothing of it is held in between. Raises RowFailed."""
    state, table = codec().start(), torch.from_numpy(codes.astype(np.int64).T.copy())[None]
    for at in range(0, len(codes), FRAMES):
        try:
            with told("to decode these codes"):
                (wave,) = codec().decode([state], table[:, :, at : at + FRAMES])
        except IndexError as error:
            raise RowFailed(str(error)) from error
        if not bool(wave.isfinite().all()):
            raise RowFailed("the codec's numbers overflowed on these codes")
        yield to_pcm(wave)
