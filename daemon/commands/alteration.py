"""What `voiced voices change` says of a voice that it did not say of itself, or said otherwise."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daemon.faults import Malformed
from daemon.grammar_voices import FORGETTABLE
from voices.profile import Profile


def changes(args: argparse.Namespace, old: Profile) -> Mapping[str, object]:
    """The fields that are to be otherwise, as Profiles.update takes them. Raises Malformed."""
    given: dict[str, Any] = {name: getattr(args, name) for name in FORGETTABLE if getattr(args, name) is not None}
    forgotten: dict[str, Any] = dict.fromkeys(args.forget or ())
    if both := given.keys() & forgotten.keys():
        raise Malformed(f"--{min(both)} is given and to be forgotten at once")
    found: dict[str, object] = {"defaults": replace(old.defaults, **forgotten, **given)}
    if args.label is not None:
        found["label"] = args.label
    if args.consent is not None:
        if old.reference is None:
            raise Malformed(f"{old.id!r} was made of no recording that somebody could have agreed to")
        found["reference"] = replace(old.reference, consent=args.consent)
    if args.emotion:
        told = {**old.emotions, **dict(_emotion(written) for written in args.emotion)}
        found["emotions"] = {name: text for name, text in told.items() if text}
    return found


def _emotion(written: str) -> tuple[str, str]:
    """`grumpy=Grumpily, in a low voice.`"""
    name, equals, text = written.partition("=")
    if not equals or not name.strip():
        raise Malformed(f"{written!r}: a mood is written NAME=TEXT, such as 'grumpy=Grumpily, in a low voice.'")
    return name.strip(), text.strip()
