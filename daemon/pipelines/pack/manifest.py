"""What a game's build reads: every line and its file, as JSON and as CSV, the same bytes for the same takes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Final

from daemon.pipelines.plan import Plan, Taken

_FACTS: Final = (
    "id",
    "file",
    "text",
    "speaker",
    "voice",
    "language",
    "instruct",
    "emotion",
    "seed",
    "seconds",
    "reason",
)


def manifest(plan: Plan, takes: Sequence[Taken], ending: str = "wav") -> tuple[bytes, bytes]:
    """As JSON and as CSV, in the order of the plan; a line that was not spoken is not in it. Files have this ending."""
    spoken = {take.segment.id: take for take in takes}
    lines = [_line(spoken[segment.id], ending) for segment in plan.segments if segment.id in spoken]
    facts = {"schema": 1, "title": plan.title, "count": len(lines), "lines": lines}
    written = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    return written.encode(), _csv(lines).encode()


def _line(take: Taken, ending: str) -> dict[str, object]:
    """The facts first, then the further columns, in their own order."""
    segment = take.segment
    extra = dict(segment.extra)
    facts: dict[str, object] = {
        "id": extra.pop("id", segment.id), "file": f"{segment.name or segment.id}.{ending}", "text": segment.text,
        "speaker": segment.speaker, "voice": take.voice, "language": take.language, "instruct": segment.instruct or "",
        "emotion": segment.emotion or "", "seed": take.seed, "seconds": round(take.seconds, 3), "reason": take.reason,
    }  # fmt: skip
    return facts | {name: value for name, value in extra.items() if name not in facts}


def _csv(lines: Sequence[dict[str, object]]) -> str:
    """One header for all: the facts, then every further column in the order in which they first come."""
    names = list(dict.fromkeys([*_FACTS, *(name for line in lines for name in line)]))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()
