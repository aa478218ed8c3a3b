"""How torch's threads wait for each other. Nothing here imports torch: its OpenMP reads this once, as it is loaded."""

from __future__ import annotations

import os
from typing import Final

# By default they spin for a third of a second and more. Where another program has the cores, each product then waits for
# a thread that is not running: 5.9 s a frame on two busy cores, 0.5 s with this; on free ones it makes no difference.
_SPINS: Final = "10000"
_OWN_WISHES: Final = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def wait_briefly() -> None:
    """Call before torch is imported; later it does nothing. What the environment says already is left as it is."""
    if not any(name in os.environ for name in _OWN_WISHES):
        os.environ["GOMP_SPINCOUNT"] = _SPINS
