"""Which models there are to speak with here, which of them is the default, and why."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from models.backend import Backend, EngineUnavailable, Speaker
from models.checkpoints.catalog import NO_VOICE, WEIGHTS, Checkpoint, checkpoints, recognise
from models.checkpoints.released import find
from models.checkpoints.tensorfile import cut
from models.tone import Tone

EngineName = Literal["auto", "qwen", "builtin", "tone"]
Device = Literal["auto", "cuda", "cpu"]
Dtype = Literal["auto", "float16", "bfloat16", "float32", "int8", "int4"]
CodecDtype = Literal["auto", "float32", "bfloat16"]

_TONE_SLOTS: Final = 32
# Looked for, not imported: torch alone takes two seconds.
_PACKAGES: Final = ("torch", "safetensors", "tokenizers")
# Who speaks when nobody says which: presets need nothing but a text, designed voices a description, clones a recording.
_TASKS: Final = ("custom_voice", "voice_design", "base")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings say of the engine."""

    engine: EngineName = "auto"
    models_dir: Path = Path("models")
    slots: int | None = None
    sentence_gap_ms: int = 120
    tone_step_ms: float = 0.0
    model: str | None = None
    """Id, slug or folder of the default model."""
    device: Device = "auto"
    dtype: Dtype = "auto"
    codec_dtype: CodecDtype = "auto"
    cache_mb: int = 1024
    exact_rows: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that was chosen as the default one, and the sentence that says why."""

    backend: Backend
    reason: str
    others: tuple[Backend, ...] = ()
    """What speaks beside it, the built-in voice last."""
    tokenizers: tuple[Backend, ...] = ()
    """What speaks nothing, and makes codes of audio and audio of codes."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What lies in the data folder and was not known."""

    speaking: tuple[Backend, ...] = ()
    tokenizers: tuple[Backend, ...] = ()
    passed_over: Mapping[str, str] = field(default_factory=dict)
    """Checkpoints that cannot be used, and why."""


@dataclass(slots=True)
class _Found:
    """The checkpoints here: those that can be used, the best first, and what is wrong with the others."""

    backends: list[Backend] = field(default_factory=list)
    used: list[Checkpoint] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def choose(wish: Wish) -> Choice:
    """The engine asked for, or the best that can run. Nothing is loaded yet.

    Raises EngineUnavailable when what was asked for by name cannot run here.
    """
    if wish.engine == "tone":
        tone = Tone(wish.slots or _TONE_SLOTS, wish.tone_step_ms)
        return Choice(tone, "the tone engine was asked for: a test signal, not speech")
    builtin = _builtin(wish)
    if wish.engine == "builtin":
        return Choice(builtin, "the built-in voice was asked for")
    return replace(_best(wish, builtin), tokenizers=tuple(_tokenizers(wish)))


def arrived(wish: Wish, known: Container[str]) -> Arrivals:
    """What is there beside the models of these ids. Nothing is loaded yet."""
    fresh = [one for one in _candidates(wish) if one.id not in known]
    if wish.engine in ("tone", "builtin"):
        return Arrivals(passed_over={one.id: f"the engine `{wish.engine}` was asked for" for one in fresh})
    found = _Found()
    if fresh and (obstacle := _obstacle(wish)):
        found.broken = {one.id: obstacle for one in fresh}
    else:
        _make_ready(fresh, wish, found)
    tokenizers = tuple(one for one in _tokenizers(wish) if one.facts.model not in known)
    return Arrivals(tuple(found.backends), tokenizers, found.broken)


def _best(wish: Wish, builtin: Backend) -> Choice:
    """Qwen3-TTS where it can run, else the built-in voice. Raises EngineUnavailable."""
    found = _Found()
    if not (obstacle := _obstacle(wish)):
        _gather(wish, found)
        obstacle = _nothing(wish, found)
    if obstacle and wish.engine == "qwen":
        raise EngineUnavailable(obstacle)
    if obstacle:
        return Choice(builtin, f"the built-in voice speaks: {obstacle}")
    others = tuple(found.backends)
    if wish.model == builtin.facts.model:
        return Choice(builtin, f"the built-in voice was asked for{_beside(others)}{_passed_over(found)}", others)
    others = (*others[1:], builtin)
    return Choice(found.backends[0], _why(wish, found) + _beside(others) + _passed_over(found), others)


def released_presets() -> tuple[Speaker, ...]:
    """The speakers of the released CustomVoice models, whether or not one of these is here."""
    from models.qwen.speakers import RELEASED

    return RELEASED


def kernels() -> tuple[str, str]:
    """Which of voiced's own kernels Qwen3-TTS would be computed with, and else why none of them."""
    from models.qwen.native import library

    missing = library.why_not()
    return ("", missing) if missing else (library.path(), "")


def _builtin(wish: Wish) -> Backend:
    from models.builtin import SLOTS, Builtin  # numpy takes 60 ms to import; the tone's users need not wait

    return Builtin(wish.sentence_gap_ms, SLOTS if wish.slots is None else wish.slots)


# --- what keeps every checkpoint from speaking ------------------------------------------------------------------


def _obstacle(wish: Wish) -> str:
    if not _candidates(wish):
        return f"no Qwen3-TTS checkpoint lies in {wish.models_dir}"
    if wish.device == "cuda":
        return "this version of voiced computes Qwen3-TTS on the CPU only; leave out --device cuda"
    if wish.dtype == "float16":
        return "float16 needs a GPU, and is slower and less exact than bfloat16 on a CPU; choose int8, int4 or bfloat16"
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        named = ", ".join(missing)
        return f"a Qwen3-TTS checkpoint is here, but not the package {named}: pip install 'voiced[qwen]'"
    return ""


def _nothing(wish: Wish, found: _Found) -> str:
    """Why none of the checkpoints can be used, or not the one that is insisted on."""
    insists = wish.engine == "qwen" and wish.model is not None
    if found.used and not (insists and not _is_called(found.used[0], wish.model or "")):
        return ""
    told = "; ".join(f"{name}: {why}" for name, why in found.broken.items())
    which = wish.model if insists else f"none of the checkpoints in {wish.models_dir}"
    return f"{which} can{'not' if insists else ''} be used ({told})"


# --- what can be used -------------------------------------------------------------------------------------------


def _candidates(wish: Wish) -> list[Checkpoint]:
    """The checkpoints in the data folder and the one that the settings name by its path, the best first; tokenizers are none."""
    listed = [found for found in checkpoints(wish.models_dir) if found.obstacle != NO_VOICE]
    path = Path(wish.model).expanduser() if wish.model and ("/" in wish.model or "\\" in wish.model) else None
    if path is not None and path.is_dir() and all(found.path.resolve() != path.resolve() for found in listed):
        elsewhere = recognise(path)
        listed += [elsewhere] if elsewhere and elsewhere.id not in {found.id for found in listed} else []
    return sorted(listed, key=lambda one: (_rank(one), one.size, one.id))


def _gather(wish: Wish, found: _Found) -> None:
    """Every checkpoint made ready to be loaded, the default one first. Raises EngineUnavailable for an unknown name."""
    candidates = _candidates(wish)
    if wish.model not in (None, "builtin"):
        wanted = [one for one in candidates if _is_called(one, wish.model or "")]
        if not wanted:
            here = ", ".join(one.id for one in candidates)
            raise EngineUnavailable(
                f"no model is called {wish.model!r}; here are {here}, and the built-in voice `builtin`"
            )
        candidates.sort(key=lambda one: one not in wanted)
    _make_ready(candidates, wish, found)


def _make_ready(candidates: Sequence[Checkpoint], wish: Wish, found: _Found) -> None:
    """Sort those that can be used from the others, in their order."""
    for one in candidates:
        if problem := one.obstacle or _damage(one.path):
            found.broken[one.id] = problem
            continue
        try:
            backend = _qwen(one, wish)
        except EngineUnavailable as error:
            found.broken[one.id] = str(error)
            continue
        if not backend.facts.languages:
            found.broken[one.id] = "its config.json names no language that it speaks"
            continue
        found.backends.append(backend)
        found.used.append(one)


def _rank(checkpoint: Checkpoint) -> int:
    return _TASKS.index(checkpoint.task) if checkpoint.task in _TASKS else len(_TASKS)


def _is_called(checkpoint: Checkpoint, name: str) -> bool:
    release = find(name)
    names = {name.casefold(), release.folder.casefold() if release else ""}
    if {checkpoint.id.casefold(), checkpoint.path.name.casefold()} & names:
        return True
    return "/" in name and Path(name).expanduser().resolve() == checkpoint.path.resolve()


def _damage(folder: Path) -> str:
    """What can be seen without reading the weights."""
    for file in sorted([folder / WEIGHTS, *folder.glob("model-*.safetensors"), *folder.glob("*/*.safetensors")]):
        try:
            if file.exists() and (problem := cut(file)):
                return f"{file.relative_to(folder)}: {problem}"
        except OSError as error:
            return f"{file.relative_to(folder)} cannot be read: {error.strerror}"
    return ""


def _qwen(checkpoint: Checkpoint, wish: Wish) -> Backend:
    """Raises EngineUnavailable."""
    from models.qwen.backend import SLOTS, Qwen

    return Qwen(
        checkpoint.path,
        checkpoint.id,
        slots=wish.slots or SLOTS,
        precision=None if wish.dtype == "auto" else wish.dtype,
        codec="float32" if wish.codec_dtype == "auto" else wish.codec_dtype,
        cache_bytes=wish.cache_mb << 20,
        exact_rows=wish.exact_rows,
    )


def _tokenizers(wish: Wish) -> Iterator[Backend]:
    """The tokenizers that lie alone in the data folder and can be used; what is wrong with the others, `voiced models` tells."""
    alone = [found for found in checkpoints(wish.models_dir) if found.obstacle == NO_VOICE]
    if not alone or any(find_spec(name) is None for name in _PACKAGES):
        return
    from models.qwen.tokenizer import Tokenizer

    for found in alone:
        with suppress(EngineUnavailable):
            if not _damage(found.path):
                codec = "float32" if wish.codec_dtype == "auto" else wish.codec_dtype
                yield Tokenizer(found.path, found.id, codec=codec)


# --- the sentence -----------------------------------------------------------------------------------------------


def _why(wish: Wish, found: _Found) -> str:
    first = found.used[0]
    what = ", ".join(filter(None, [first.task, first.size, f"{found.backends[0].facts.dtype} on the CPU"]))
    named = wish.model is not None and _is_called(first, wish.model)
    if named:
        why = "it was asked for"
    elif wish.model is not None:
        why = f"{wish.model} cannot be used"
    elif len(found.used) == 1:
        why = "it is the only checkpoint that can be used"
    else:
        why = "presets go before designs and clones, and on a CPU the smaller before the larger"
    return f"{first.id} speaks ({what}): {why}"


def _beside(others: tuple[Backend, ...]) -> str:
    return f"; beside it: {', '.join(other.facts.model for other in others)}"


def _passed_over(found: _Found) -> str:
    return "".join(f"; passed over {name}: {why}" for name, why in found.broken.items())


def broken(wish: Wish) -> Iterator[tuple[str, str]]:
    """Checkpoints that cannot be used, and why."""
    for one in _candidates(wish):
        if problem := one.obstacle or _damage(one.path):
            yield one.id, problem
