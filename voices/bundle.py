"""A voice as one file, `.voice.zip`: its profile, its recording with what is said in it, and its prompts.

    profile.json   reference.<suffix>   transcript.txt   prompts/<key>

The profile is what counts; the transcript stands by itself for people. A mix names its voices and does not hold them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from voices import prompts as cache
from voices.document import MAX_BYTES, BrokenProfile, read, see_id, written
from voices.form import MAX_TEXT
from voices.parcel import BadBundle, packed, unpacked
from voices.profile import Profile, Reference
from voices.recordings import AUDIO_SUFFIXES, MAX_AUDIO_BYTES, known
from voices.store import Store

__all__ = ["MAX_BUNDLE_BYTES", "MAX_PROMPTS", "MAX_PROMPT_BYTES", "BadBundle", "export", "imported"]

# A prompt is 4 to 30 kB; one of each model that clones, and of each that is still to come.
MAX_PROMPTS: Final = 32
MAX_PROMPT_BYTES: Final = 1_000_000
# The longest recording, the largest prompts and profile together, and a little for their names.
MAX_BUNDLE_BYTES: Final = 101_000_000
# In UTF-8 a character takes up to four bytes.
_MAX_TRANSCRIPT_BYTES: Final = 4 * MAX_TEXT

_PROFILE: Final = "profile.json"
_TRANSCRIPT: Final = "transcript.txt"
_PROMPTS: Final = "prompts/"
_REFERENCE: Final = re.compile(rf"reference\.({'|'.join(sorted(AUDIO_SUFFIXES))})")


def export(store: Store, voice_id: str, prompts: Mapping[str, bytes] | None = None) -> bytes:
    """The bundle of a voice, the same bytes for the same voice; `prompts` are its own, by the keys of the cache.

    Raises NoSuchVoice, ReferenceLost, StoreFailed; BadBundle for prompts of another voice, and what is too large.
    """
    profile = store.get(voice_id)
    members = {_PROFILE: written(profile)}
    if reference := profile.reference:
        members["reference." + known(reference.file.rpartition(".")[2])] = store.recording(profile)
        if reference.transcript is not None:
            members[_TRANSCRIPT] = reference.transcript.encode("utf-8")
    members |= {_PROMPTS + key: data for key, data in (prompts or {}).items()}
    for name, data in members.items():
        if len(data) > (_limit(name) or 0):
            raise BadBundle(f"{name[:80]!r} with {len(data)} bytes cannot be part of a bundle")
    if strange := _strange(profile, prompts or {}):
        raise BadBundle(strange)
    return packed(members)


def imported(store: Store, data: bytes, *, as_id: str | None = None) -> tuple[Profile, Mapping[str, bytes]]:
    """Keep the voice in a bundle, under another id and without its aliases where one is given; and its prompts by key.

    Raises BadBundle, VoiceExists where a name of it is taken, StoreFailed; BrokenProfile for an `as_id` that is none.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise BadBundle(f"it has {len(data)} bytes, and {MAX_BUNDLE_BYTES} are possible")
    members = unpacked(data, _limit, max_members=3 + MAX_PROMPTS)
    profile = _profile(members)
    suffix, audio = _recording(profile.reference, members)
    prompts = {name.removeprefix(_PROMPTS): held for name, held in members.items() if name.startswith(_PROMPTS)}
    if strange := _strange(profile, prompts):
        raise BadBundle(strange)
    noted = replace(profile, origin=_origin(profile))
    if as_id is not None:
        noted = replace(noted, id=see_id(as_id), aliases=())
    return store.create(noted, audio, suffix), prompts


def _limit(name: str) -> int | None:
    """The bytes that a member may have; None for what is no part of a voice."""
    if name.startswith(_PROMPTS):
        return MAX_PROMPT_BYTES if cache.KEY.fullmatch(name.removeprefix(_PROMPTS)) else None
    if _REFERENCE.fullmatch(name):
        return MAX_AUDIO_BYTES
    return {_PROFILE: MAX_BYTES, _TRANSCRIPT: _MAX_TRANSCRIPT_BYTES}.get(name)


def _profile(members: Mapping[str, bytes]) -> Profile:
    if _PROFILE not in members:
        raise BadBundle(f"it holds no {_PROFILE}")
    try:
        profile = read(members[_PROFILE])
    except BrokenProfile as error:
        raise BadBundle(f"its {_PROFILE} is no profile: {error}") from None
    told = members.get(_TRANSCRIPT)
    if told is not None and (not profile.reference or told != (profile.reference.transcript or "").encode("utf-8")):
        raise BadBundle(
            f"its {_TRANSCRIPT} is not the transcript of its {_PROFILE}; make them the same, or leave it out"
        )
    return profile


def _recording(reference: Reference | None, members: Mapping[str, bytes]) -> tuple[str, bytes | None]:
    """The suffix of the recording and its bytes, seen to be the ones that the profile means."""
    found = {match[1]: members[name] for name in members if (match := _REFERENCE.fullmatch(name))}
    if len(found) != (0 if reference is None else 1):
        wanted = "no recording, as it is no clone" if reference is None else "one recording, `reference.wav` or alike"
        raise BadBundle(f"it holds {len(found)} recordings, and a voice of this kind has {wanted}")
    if reference is None:
        return "", None
    ((suffix, audio),) = found.items()
    if hashlib.sha256(audio).hexdigest() != reference.digest:
        raise BadBundle("its recording is not the one that its profile was made of: the digest is another")
    return suffix, audio


def _strange(profile: Profile, prompts: Mapping[str, bytes]) -> str:
    """Why these are not the prompts of this voice. Another's would be spoken with, and nobody would know why."""
    if len(prompts) > MAX_PROMPTS:
        return f"it holds {len(prompts)} prompts, and {MAX_PROMPTS} are possible"
    reference = profile.reference
    start = cache.of_voice(reference.digest, reference.transcript, reference.mode) if reference else None
    strange = next((key for key in prompts if start is None or not key.startswith(start)), None)
    return "" if strange is None else f"the prompt {strange[:80]!r} is not one of the voice {profile.id!r}"


def _origin(profile: Profile) -> str:
    """Where it came from, and that it came by a bundle: told once, however often it travels."""
    note = f"imported from a bundle of {profile.id!r}"
    if profile.origin.endswith(note):
        return profile.origin
    return f"{profile.origin[: MAX_TEXT - len(note) - 2]}; {note}" if profile.origin else note
