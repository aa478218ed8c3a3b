"""Speech that a daemon is asked for with what lies beside it: verdict and subtitles."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.commands import remote
from daemon.utterance import Utterance


class Errand:
    """One utterance."""

    def __init__(self, daemon: remote.Daemon, wish: Utterance) -> None:
        self._daemon, self._wish = daemon, wish
        self.verdict = ""
        """Whether the take that is heard is good, and how many there were; empty where nobody judged."""

    @property
    def sample_rate(self) -> int:
        """Hz; known with the first PCM."""
        return self._daemon.sample_rate

    def sound(self) -> Iterator[bytes]:
        """PCM at `sample_rate`, as `Daemon.speak` gives it."""
        wish = self._wish
        body = {**remote.body_of(wish), "verify": wish.verify, "subtitles": list(wish.subtitles)}
        body["keep"] = wish.keep or bool(wish.subtitles)
        for pcm in self._daemon.sound("/api/v1/speech", body):
            if wish.verify and not self.verdict:
                told = self._daemon.told
                self.verdict = verdict(told.get("x-verified") == "good", int(told.get("x-takes", 0)), told["x-seed"])
            yield pcm

    def files(self, *names: str) -> dict[str, bytes]:
        """What lies in the run folder under these names, when all was spoken; the folder goes if nobody wants it."""
        run = f"/api/v1/runs/{self._daemon.told.get('x-run-id', '')}"
        found = {name: self._whole("GET", f"{run}/files/{name}") for name in names}
        if not self._wish.keep:
            self._whole("DELETE", run)
        return found

    def _whole(self, method: str, path: str) -> bytes:
        with self._daemon.asked(method, path) as response:
            return response.read()


def verdict(good: bool, takes: int, seed: object) -> str:
    """What a person is told of it."""
    if good:
        return f"take {takes} is good (seed {seed})"
    return f"none of {takes} takes is good; this is the best of them (seed {seed})"
