"""What the models here and those that could be pulled take of this machine's memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daemon.settings import Settings
from models import ram
from models.checkpoints.catalog import NO_VOICE, checkpoints
from models.checkpoints.memory import BYTES, memory
from models.checkpoints.released import RELEASES

# As the engine has them where the settings name none.
SLOTS: Final = 4
# Keys and values of 28 layers with 8 heads of 128 numbers, in both sizes: 750 positions a minute, in 16 bits.
_MINUTE_BYTES: Final = 750 * 2 * 28 * 8 * 128 * 2


def rows(read: Settings) -> Iterator[tuple[str, bool]]:
    """A sentence for each size and task, what is here first, and whether it is worth a thought."""
    free = ram.available()
    yield _machine(free, read), False
    models_dir, seen = read.data_dir / "models", set[tuple[str, str]]()
    for found in checkpoints(models_dir):
        if found.obstacle:
            if found.obstacle != NO_VOICE:
                yield f"{found.id} cannot be used: {found.obstacle}", True
        elif found.size and found.task:
            seen.add((found.size, found.task))
            yield _sentence(found.id, found.size, found.task, read, free)
    for release in RELEASES:
        if release.task != "tokenizer" and (release.size, release.task) not in seen:
            text, much = _sentence(release.slug, release.size, release.task, read, free)
            yield f"{text}; not here", much and not seen


def precision(read: Settings) -> str:
    """What a model's weights are held in on this machine."""
    return "int8" if read.dtype == "auto" else read.dtype


def slot_minute(dtype: str) -> int:
    """Bytes that one slot takes for a minute of speech."""
    return _MINUTE_BYTES * (2 if dtype == "float32" else 1)


def _machine(free: int, read: Settings) -> str:
    slots, dtype = read.slots or SLOTS, precision(read)
    talk = min(slots * slot_minute(dtype), read.cache_mb << 20)
    return (
        f"{_gb(free)} GB are free; {read.model_cache} model{'s' * (read.model_cache > 1)} at once in {dtype}, and "
        f"{talk // 1_000_000} MB where {slots} slots speak for a minute (never more than {read.cache_mb} MB a model)"
    )


def _sentence(name: str, size: str, task: str, read: Settings, free: int) -> tuple[str, bool]:
    """Gigabytes in every precision; too much when the one that would be taken does not fit with all slots in use."""
    needs = {dtype: memory(size, task, dtype) for dtype in BYTES if dtype != "float16"}
    dtype = precision(read)
    slots = min((read.slots or SLOTS) * slot_minute(dtype), read.cache_mb << 20)
    needed = needs.get(dtype, needs["bfloat16"]) + slots
    told = ", ".join(f"{dtype} {_gb(need)}" for dtype, need in sorted(needs.items(), key=lambda entry: entry[1]))
    too_much = bool(free) and needed > free
    return (
        f"{name} takes GB: {told}{f'; {_gb(needed)} GB with its slots are more than is free' if too_much else ''}",
        too_much,
    )


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f}"
