"""The official package, unmodified, as the reference that the engine is compared with. See `load`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from models.qwen.package import part as _part


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings and the log lines of the package and of transformers, which are not ours to mend."""
    from transformers.utils import logging as chatter

    level, bars = chatter.get_verbosity(), chatter.is_progress_bar_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chatter.set_verbosity_error()
        chatter.disable_progress_bar()
        try:
            yield
        finally:
            chatter.set_verbosity(level)
            if bars:
                chatter.enable_progress_bar()


def part(name: str) -> Any:
    """A module of the package: `part("core.models")`."""
    with quiet():
        return _part(name)


def load(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """The package's `Qwen3TTSModel` of a checkpoint, on the CPU."""
    with quiet():
        return _part("inference.qwen3_tts_model").Qwen3TTSModel.from_pretrained(str(folder), dtype=dtype)


def codes_of(
    model: Any, method: str, *args: Any, seed: int = 0, **options: Any
) -> tuple[list[torch.Tensor], list[np.ndarray]]:
    """Speak with the package: the codes [frames, 16] int64 and the wave (float32, 24 kHz) of each text.

    `codes_of(model, "generate_custom_voice", "Hello.", speaker="ryan", language="English", seed=3)`
    """
    taken: list[torch.Tensor] = []
    generate = model.model.generate

    def listening(*inner: Any, **named: Any) -> Any:
        made = generate(*inner, **named)
        taken.extend(made[0])
        return made

    torch.manual_seed(seed)
    with quiet(), patch.object(model.model, "generate", listening):
        waves, rate = getattr(model, method)(*args, **options)
    assert rate == 24_000
    return taken, waves


@dataclass(frozen=True)
class Prompt:
    """What the package hands to its talker for one text."""

    inputs: torch.Tensor
    """[positions, hidden], without the padding of the batch."""
    trailing: torch.Tensor
    """[frames, hidden]: what is added to the first frames; the pad that fills the batch is still at its end."""
    options: dict[str, Any]
    """Everything else that its `talker.generate` gets: sampling, limits, suppressed ids, the pad's embedding."""


def prompt_of(model: Any, method: str, *args: Any, **options: Any) -> list[Prompt]:
    """The prompts that the package assembles for these texts; nothing is spoken. Same arguments as `codes_of`."""
    given: dict[str, Any] = {}

    def instead(**named: Any) -> Any:
        given.update(named)
        raise _Assembled

    with quiet(), patch.object(model.model.talker, "generate", instead), suppress(_Assembled):
        getattr(model, method)(*args, **options)
    inputs, trailing, mask = (given.pop(key) for key in ("inputs_embeds", "trailing_text_hidden", "attention_mask"))
    return [
        Prompt(row[-int(seen.sum()) :].detach(), text.detach(), dict(given))
        for row, seen, text in zip(inputs, mask, trailing, strict=True)
    ]


class _Assembled(Exception):
    """The prompt is complete."""
