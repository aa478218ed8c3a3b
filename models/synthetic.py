"""Benchmarks that need no weights: what is measured, what came out, and the process in which it is measured.

`python -m models.synthetic JOB` measures one job (JSON) and prints its Reading as the last line of stdout.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from models.backend import EngineUnavailable

if TYPE_CHECKING:
    from models.qwen.synthetic import Synthetic

Size = Literal["0.6b", "1.7b", "tiny"]
Precision = Literal["int8", "int4", "bfloat16", "float32"]
Codec = Literal["float32", "bfloat16"]
Task = Literal["voiced", "package", "write"]

SIZES: Final[tuple[Size, ...]] = get_args(Size)
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
CODECS: Final[tuple[Codec, ...]] = get_args(Codec)

# The one voice of a made-up model, and what it is asked to say.
SPEAKER: Final = "ryan"
LANGUAGE: Final = "english"
TEXT: Final = "Hello there, this is a test of the streaming engine."
STAGES: Final = ("talker", "predictor", "codec")


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to be measured in a process of its own."""

    size: Size
    task: Task = "voiced"
    """Our engine, the `qwen-tts` package, or no measuring: write the weights into `folder`."""
    precision: Precision = "int8"
    codec: Codec = "float32"
    streams: tuple[int, ...] = (1,)
    frames: int = 60
    """Of every stream."""
    repeats: int = 3
    live: bool = False
    """As to listeners who hear it while it is made; else as fast as it goes."""
    folder: str = ""
    """The checkpoint; empty makes it up in memory."""


@dataclass(frozen=True, slots=True)
class Take:
    """Some streams, spoken together once."""

    streams: int
    frames: int
    """Of all streams, as heard."""
    wall_s: float
    """From the text to the last sample."""
    stages_s: dict[str, float]
    """Where it went, by STAGES; what is missing is everything else."""
    first_audio_s: float
    """Until a stream's first sample, the median of all streams."""
    underrun_s: float
    """How long a player that began with the first sample stood still, the worst of all streams."""
    rss_mb: float
    """The most memory while it was spoken."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a job."""

    load_s: float = 0.0
    rest_mb: float = 0.0
    """Memory once it is loaded and has spoken its first words."""
    takes: list[Take] = field(default_factory=list)
    torch: str = ""
    threads: int = 0


def backend(size: Size, precision: Precision, codec: Codec, slots: int) -> Synthetic:
    """An engine with weights made up in memory. Raises EngineUnavailable where the extra `qwen` is missing."""
    _need("torch", "tokenizers", "safetensors")
    from models.qwen.synthetic import Synthetic

    return Synthetic(size, slots=slots, precision=precision, codec=codec)


def need_package() -> None:
    """Raise EngineUnavailable, with the command that helps, where the `qwen-tts` package is not installed."""
    from models.qwen.package import INSTALL

    if find_spec("qwen_tts") is None:
        raise EngineUnavailable(f"qwen-tts is not installed, so there is nothing to compare with: {INSTALL}")


def measure(job: Job) -> Reading:
    """In a process of its own, so that nothing else is in its memory. Raises EngineUnavailable when it fails."""
    words = [sys.executable, "-m", "models.synthetic", json.dumps(asdict(job))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with exit code {done.returncode}"])[-1]
        raise EngineUnavailable(f"measuring {job.size} {job.precision} ({job.task}) failed: {last}")
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Reading(**{**read, "takes": [Take(**take) for take in read["takes"]]})


def run(job: Job) -> Reading:
    """The same in this process. Raises EngineUnavailable."""
    _need("torch", "tokenizers", "safetensors")
    if job.task == "voiced":
        from models.qwen import threads

        threads.wait_briefly()
        from models.qwen import measure

        return measure.measure(job)
    need_package()
    from models.qwen import rival

    if job.task == "package":
        return rival.measure(job)
    rival.write(Path(job.folder), job.size)
    return Reading()


def _need(*modules: str) -> None:
    for module in modules:
        if find_spec(module) is None:
            raise EngineUnavailable(f"the Qwen engine needs {module}: pip install 'voiced[qwen]'")


def _main(words: list[str]) -> int:
    read = json.loads(words[0])
    try:
        reading = run(Job(**{**read, "streams": tuple(read["streams"])}))
    except EngineUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(reading)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
