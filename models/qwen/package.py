"""The official `qwen_tts` package, imported without what the 12 Hz models never use: a 25 Hz tokenizer, librosa, gradio."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.backend import EngineUnavailable

Samples = NDArray[np.float32]

log = logging.getLogger(__name__)

INSTALL: Final = "pip install --no-deps qwen-tts==0.1.1"
# The only module that wants onnxruntime, sox and a torchaudio built for the same CUDA as torch.
_TOKENIZER_25HZ: Final = "qwen_tts.core.tokenizer_25hz.modeling_qwen3_tts_tokenizer_v1"
_MODELS: Final = "qwen_tts.core.models.modeling_qwen3_tts"
_importing = threading.Lock()


def load() -> ModuleType:
    """The package; a second and a half the first time. Raises EngineUnavailable with the command that installs it."""
    with _importing:
        if (module := sys.modules.get("qwen_tts")) is not None:
            return module
        try:
            return _import()
        except ModuleNotFoundError as error:
            missing = (error.name or "qwen_tts").partition(".")[0]
            raise EngineUnavailable(f"{missing} is not installed; cloning and encoding need it: {INSTALL}") from error


def part(name: str) -> Any:
    """A module inside the package, such as `core.models.modeling_qwen3_tts`. Raises EngineUnavailable."""
    load()
    return import_module(f"qwen_tts.{name}")


def resample(y: Samples, orig_sr: int, target_sr: int) -> Samples:
    """What `librosa.resample` does, with the same library under it: soxr's HQ, cut or filled to the rounded-up length."""
    import soxr  # a recording at the model's own rate goes without

    wave = soxr.resample(y, orig_sr, target_sr, quality="HQ")
    length = -(-len(y) * target_sr // orig_sr)
    return np.pad(wave[:length], (0, max(0, length - len(wave)))).astype(np.float32)


def _import() -> ModuleType:
    # Before the stand-ins are there: transformers looks once whether librosa and soundfile can be imported.
    audio = import_module("transformers.audio_utils")
    with _standing_in(_stubs(audio)), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations of its own imports: not ours to mend
        package = import_module("qwen_tts")
    # It prints a warning about loud audio; stdout belongs to whoever started us.
    vars(sys.modules[_MODELS])["print"] = log.debug
    return package


def _stubs(audio: ModuleType) -> list[ModuleType]:
    def mel(*, sr: int, n_fft: int, n_mels: int, fmin: float, fmax: float) -> Samples:
        bank = audio.mel_filter_bank(n_fft // 2 + 1, n_mels, fmin, fmax, sr, norm="slaney", mel_scale="slaney")
        return np.asarray(bank.T, np.float32)

    filters = _stub("librosa.filters", mel=mel)
    # Without a `config_class` of its own, as transformers compares that with the configuration it is registered for.
    tokenizer = _stub(_TOKENIZER_25HZ, Qwen3TTSTokenizerV1Model=type("Qwen3TTSTokenizerV1Model", (), {}))
    return [_stub("librosa", filters=filters, resample=resample), filters, _stub("soundfile"), tokenizer]


def _stub(name: str, **contents: object) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, loader=None)
    vars(module).update(contents)
    return module


@contextmanager
def _standing_in(stubs: list[ModuleType]) -> Iterator[None]:
    """These modules, importable under their names while the context is open; what was there before comes back."""
    before = {stub.__name__: sys.modules.get(stub.__name__) for stub in stubs}
    sys.modules.update({stub.__name__: stub for stub in stubs})
    try:
        yield
    finally:
        for name, module in before.items():
            if module is not None:
                sys.modules[name] = module
            else:
                del sys.modules[name]
