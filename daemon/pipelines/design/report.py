"""What a run of `design_then_clone` tells: what was tried, what was chosen and why, which voice it is, which line is where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from daemon.pipelines.design.audition import file
from daemon.pipelines.design.chosen import Chosen
from daemon.pipelines.joined import artifact, stored
from daemon.pipelines.plan import Taken
from outputs.recording import replace
from voices.auditions import Audition

REPORT: Final = "report.json"


def write(
    folder: Path, held: Audition, chosen: Chosen, takes: Sequence[Taken], files: Mapping[str, str]
) -> Mapping[str, object]:
    """`files` are those of the lines, by the lines' names. Raises StorageFailed.

    Neither ids nor times of this house are in it: the same work made again tells the same.
    """
    told = {
        "description": held.description,
        "text": held.text,
        "language": held.language,
        "model": held.model,
        "takes": [_take(held, chosen, number) for number in range(len(held.takes))],
        "chosen": {"take": chosen.take, "seed": chosen.seed, "by": chosen.by, "good": chosen.good},
        "voice": takes[0].segment.voice,
        "lines": _lines(takes, files),
    }
    with stored(folder):
        replace(folder / REPORT, json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n")
        return artifact(folder, folder / REPORT)


def _take(held: Audition, chosen: Chosen, number: int) -> dict[str, Any]:
    take = held.takes[number]
    told = {"take": take.take, "seed": take.seed, "seconds": round(take.seconds, 3), "file": file(take.take)}
    return {**told, "verdict": chosen.verdicts[number]} if chosen.verdicts else told


def _lines(takes: Sequence[Taken], files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each line of the input with what it became."""
    told = dict[str, dict[str, Any]]()
    for take in takes:
        name = take.segment.name
        line = told.setdefault(name, {"line": int(name), "text": "", "seconds": 0.0, "segments": []})
        line["text"] = f"{line['text']} {take.segment.text}".strip()
        line["seconds"] = round(line["seconds"] + take.seconds, 3)
        line["segments"].append(take.file)
        if name in files:
            line["file"] = files[name]
    return list(told.values())
