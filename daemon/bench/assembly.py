"""What it takes to join hours of segments to one file."""

from __future__ import annotations

from daemon.bench.figures import Figures
from outputs import measure as sound

HOURS = 10.0


def measure(hours: float) -> Figures:
    """A row a kind of file: joined, brought to one loudness, encoded, written."""
    figures = Figures()
    for one in sound.measure(hours):
        figures.rows.append(
            {
                "name": f"assembly, {one.kind}",
                "hours": one.hours,
                "x_realtime": round(one.times_real_time, 1),
                "wall_s": round(one.wall_s, 1),
                "cpu_s": round(one.cpu_s, 1),
                "peak_mb": round(one.peak_mib * 1.048576, 1),
                "file_mb": round(one.file_mib * 1.048576, 1),
            }
        )
    return figures
