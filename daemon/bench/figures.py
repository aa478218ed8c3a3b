"""Figures of one benchmark: a table for people, JSON for comparing."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from daemon.commands.table import show

Row = Mapping[str, object]

# The frame of Qwen3-TTS, by which all engines are compared.
FRAME_S: Final = 0.08


@dataclass(slots=True)
class Figures:
    """Rows as the contract names them, and what was compared."""

    rows: list[Row] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)
    """What is to be known of the machine beyond what `machine` finds."""

    def print(self) -> None:
        """Tables, one for each set of columns."""
        shapes: dict[tuple[str, ...], list[Row]] = {}
        for row in self.rows:
            shapes.setdefault(tuple(row), []).append(row)
        for rows in shapes.values():
            show(rows, as_json=False, nothing="")
            sys.stdout.write("\n")
        for name, ratio in self.ratios.items():
            sys.stdout.write(f"{name}: {ratio:.2f}\n")

    def write(self, path: Path) -> None:
        """Everything, with the machine it was measured on."""
        about = {"machine": machine() | self.about, "rows": self.rows, "ratios": self.ratios}
        path.write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cpu": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "voiced": version("voiced"),
    }


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, by nearest rank; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def rss_mb(pid: int | None = None) -> float:
    """Memory a process really holds."""
    pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _lines(path: str) -> Sequence[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return ()
