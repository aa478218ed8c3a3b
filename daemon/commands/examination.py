"""What `voiced models verify` says of one model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from daemon.commands.progress import Progress
from models.checkpoints.pull import Moment
from models.checkpoints.verdict import Verdict, verify


@dataclass(frozen=True, slots=True)
class Examination:
    """A model by its name here, and what was found."""

    id: str
    verdict: Verdict

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        return {"id": self.id, **asdict(self.verdict), "path": str(self.verdict.path)}

    def sentence(self) -> str:
        """For people: a line, or one for each problem and what to do."""
        found = self.verdict
        if found.problems:
            problems = "".join(f"WRONG {self.id}: {problem}\n" for problem in found.problems)
            return f"{problems}      `voiced models pull {self.id}` fetches again what is wrong\n"
        if found.by == "form":
            return f"  ok  {self.id}: nothing is missing and nothing was cut; no digests are known for it\n"
        return f"  ok  {self.id}: {found.files} files, every byte as {found.source} has it{at(found.revision)}\n"


def examine(name: str, folder: Path) -> Examination:
    """Read all of it, with a line that moves."""
    progress = Progress(name)

    def moved(path: str, done: int) -> None:
        progress(Moment("checking", path, done, (folder / path).stat().st_size))

    try:
        return Examination(name, verify(folder, moved))
    finally:
        progress.close()


def at(revision: str) -> str:
    """A revision in a sentence; a commit's first letters are enough for people."""
    return f" at {revision[:12]}" if revision else ""
