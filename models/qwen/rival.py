"""The official package on the same made-up weights: what the engine is compared with."""

from __future__ import annotations

import json
import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file

from models.qwen import blueprint, config, package
from models.qwen.measure import forget_peak, memory_mb, timed
from models.qwen.synthetic import Numbers
from models.qwen.wave import FRAME_SAMPLES
from models.synthetic import LANGUAGE, SPEAKER, TEXT, Job, Reading, Size, Take

# Enough for every product to have been made once.
_WARM_UP_FRAMES: Final = 3


def write(folder: Path, size: Size) -> None:
    """Write a whole checkpoint, with every tensor that the package looks for. Raises EngineUnavailable without it."""
    blueprint.write(folder, size)
    end = config.read(folder).ids["codec_eos_token_id"]
    models = package.part("core.models")
    section: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    with _quiet(), torch.device("meta"):
        main = models.Qwen3TTSForConditionalGeneration(models.Qwen3TTSConfig(**section))
    _save(folder, main, Numbers(torch.bfloat16, end))
    del main
    tokenizer = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2").Qwen3TTSTokenizerV2Model
    section = json.loads((folder / "speech_tokenizer" / "config.json").read_text("utf-8"))
    with _quiet(), torch.device("meta"):
        codec = tokenizer(tokenizer.config_class(**section))
    _save(folder / "speech_tokenizer", codec, Numbers(torch.float32))


def measure(job: Job) -> Reading:
    """Load as its users do, then speak the text as one clip. Raises EngineUnavailable without the package."""
    wrapper = package.part("inference.qwen3_tts_model").Qwen3TTSModel
    with _quiet():
        started = time.perf_counter()
        model = wrapper.from_pretrained(job.folder, dtype=getattr(torch, job.precision))
        load_s = time.perf_counter() - started
        # It loads its codec in the talker's type; float32 is what was released, and what our own codec computes in.
        model.model.speech_tokenizer.model.to(getattr(torch, job.codec))
        _speak(model, _WARM_UP_FRAMES)
        rest_mb = memory_mb("VmRSS")
        takes = [_take(model, job.frames) for _ in range(job.repeats)]
    return Reading(load_s, rest_mb, takes, torch.__version__, torch.get_num_threads())


def _take(model: Any, frames: int) -> Take:
    talker = model.model.talker
    parts = (
        (talker.model, "forward", "talker"),
        (talker.code_predictor, "generate", "predictor"),
        (model.model.speech_tokenizer, "decode", "codec"),
    )
    forget_peak()
    with timed(parts) as stages:
        started = time.perf_counter()
        samples = _speak(model, frames)
        wall_s = time.perf_counter() - started
    return Take(
        streams=1,
        frames=round(samples / FRAME_SAMPLES),
        wall_s=wall_s,
        stages_s=stages,
        first_audio_s=wall_s,
        underrun_s=0.0,
        rss_mb=memory_mb("VmHWM"),
    )


def _speak(model: Any, frames: int) -> int:
    """Samples of the text, cut off after so many frames."""
    (wave,), _ = model.generate_custom_voice(TEXT, speaker=SPEAKER, language=LANGUAGE, max_new_tokens=frames + 1)
    return len(wave)


def _save(folder: Path, model: Any, numbers: Numbers) -> None:
    """Made-up numbers for every tensor of a model that has none."""
    names: Mapping[str, torch.Tensor] = model.state_dict()
    tensors = {name: numbers.read(name, *tensor.shape).contiguous() for name, tensor in names.items()}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of the package and of transformers, which are not ours to mend."""
    chatter = logging.getLogger("transformers")
    before = chatter.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chatter.setLevel(logging.ERROR)
        try:
            yield
        finally:
            chatter.setLevel(before)
