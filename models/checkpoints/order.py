"""What is to be pulled, and from where."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.checkpoints.download import Patience
from models.checkpoints.hub import Hub
from models.checkpoints.listing import safe
from models.checkpoints.released import Release, find


@dataclass(frozen=True, slots=True)
class Order:
    """One model, from one place, under one name."""

    repo: str
    """OWNER/NAME where it comes from."""
    folder: str
    """Its name here."""
    slug: str
    hub: Hub
    release: Release | None = None
    revision: str | None = None
    patience: Patience = field(default_factory=Patience)


def order(name: str, hub: Hub, revision: str | None = None, patience: Patience | None = None) -> Order | None:
    """What this name asks for: a release by any of its names, any OWNER/NAME, or from a folder any name at all.

    None when it asks for nothing that could be.
    """
    release = find(name)
    repo = release.id if release else name
    folder = repo.rpartition("/")[2]
    told = release is not None or hub.kind == "folder" or name.count("/") == 1
    if not (told and safe(repo) and safe(folder) and not folder.startswith(".")):
        return None
    slug = release.slug if release else folder.lower()
    return Order(repo, folder, slug, hub, release, revision, patience or Patience())
