"""One spoken answer on a Wyoming connection, from its voice to its last event."""

from __future__ import annotations

from contextlib import aclosing, suppress

from daemon.dictation import Writing
from daemon.faults import NothingToSay, Unspeakable
from daemon.settings import Settings
from daemon.speech import Speech
from daemon.utterance import Priority, Utterance
from protocol.events import Audio, stopped
from protocol.wire import Wire
from protocol.wyoming import VoiceWish


class Reply:
    """Made for one request. Raises what kept it from being spoken whole; then it has no `audio-stop`."""

    def __init__(self, speech: Speech, settings: Settings, wire: Wire) -> None:
        self._speech, self._settings, self._wire = speech, settings, wire
        self._audio = Audio(speech.engine.facts.sample_rate, settings.samples_per_chunk)
        self._ended = False

    async def begin(self) -> None:
        """Send `audio-start` now, unless it is out already."""
        if not self._ended and (start := self._audio.start()):
            await self._wire.send(start)

    async def speak(self, wish: VoiceWish, text: str, writing: Writing | None) -> None:
        """Speak `text`, or what is being written: one start and one stop for all of it.

        A text without a word is answered by a start and a stop: to Home Assistant that is a sound file without
        sound, while no start at all is a file that its converter cannot read.
        """
        utterance = Utterance(text, self._voice(wish), wish.language, priority=Priority.REPLY, door="wyoming")
        ended = "stop"
        with suppress(NothingToSay):
            async with self._speech.open(utterance, writing) as take, aclosing(take.chunks()) as chunks:
                async for pcm in chunks:
                    await self._wire.send(self._audio.pcm(pcm))
                ended = take.finish_reason or "stop"
        self._ended = True
        if ended != "stop":  # a stop event would make a part look whole
            raise Unspeakable(f"the speech ended before its text did ({ended})")
        await self._wire.send(self._audio.stop() + (stopped() if writing else b""))

    def _voice(self, wish: VoiceWish) -> str | None:
        """A speaker is a voice of its own here; the configured one stands in for the default voice's only."""
        settings, casting = self._settings, self._speech.casting
        if wish.name is None:
            return None if wish.language else settings.speaker
        speaker = wish.speaker
        if speaker is None and wish.name == settings.voice:
            speaker = settings.speaker
        if speaker is None:
            return wish.name
        named = casting.find(wish.name)
        return named.id if speaker.casefold() == named.speaker.casefold() else casting.find(speaker).id
