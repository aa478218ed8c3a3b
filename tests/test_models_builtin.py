"""The built-in voice: rows, loudness, and that no text can break it."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
import soxr

from models import loudness, speakable
from models.backend import Backend, EngineUnavailable, Line, RowFailed
from models.builtin import SAMPLE_RATE, Builtin

CORPUS = {
    "heart": """
        The light in the kitchen is on. | It is twenty one degrees in the living room. | Good morning! Did you sleep well?
        | The washing machine has finished, so the laundry can be hung up. | I could not find a device called garage.
        | Tomorrow it will rain in the afternoon, with a high of twelve degrees. | Okay. | Your timer for ten minutes is over.
        | The front door has been open for five minutes. | Why did the chicken cross the road? To get to the other side.
        | There are three new messages, two of them from your sister. | All windows are closed, and the alarm is set.""",
    "pico-de": """
        Das Licht in der Küche ist an. | Im Wohnzimmer sind es einundzwanzig Grad. | Guten Morgen! Hast du gut geschlafen?
        | Die Waschmaschine ist fertig, die Wäsche kann aufgehängt werden. | Ich habe kein Gerät namens Garage gefunden.
        | Morgen regnet es am Nachmittag, bei höchstens zwölf Grad. | Alles klar. | Dein Timer über zehn Minuten ist abgelaufen.
        | Die Haustür ist seit fünf Minuten offen. | Warum ging das Huhn über die Straße? Um auf die andere Seite zu kommen.
        | Es gibt drei neue Nachrichten, zwei davon von deiner Schwester. | Alle Fenster sind zu, und der Alarm ist scharf.""",
    "pico-fr": """
        La lumière de la cuisine est allumée. | Il fait vingt et un degrés dans le salon. | Bonjour ! As-tu bien dormi ?
        | La machine à laver a fini, le linge peut être étendu. | Je n'ai pas trouvé d'appareil nommé garage.
        | Demain il pleuvra l'après-midi, avec douze degrés au plus. | D'accord. | Ton minuteur de dix minutes est terminé.
        | La porte est ouverte depuis cinq minutes. | Pourquoi la poule a-t-elle traversé la route ? Pour aller de l'autre côté.
        | Il y a trois nouveaux messages, dont deux de ta sœur. | Toutes les fenêtres sont fermées.""",
    "pico-es": """
        La luz de la cocina está encendida. | Hay veintiún grados en el salón. | ¡Buenos días! ¿Has dormido bien?
        | La lavadora ha terminado, ya se puede tender la ropa. | No he encontrado ningún aparato llamado garaje.
        | Mañana lloverá por la tarde, con doce grados como máximo. | De acuerdo. | Tu temporizador de diez minutos ha terminado.
        | La puerta de casa lleva cinco minutos abierta. | ¿Por qué cruzó la gallina la calle? Para llegar al otro lado.
        | Hay tres mensajes nuevos, dos de ellos de tu hermana. | Todas las ventanas están cerradas.""",
    "pico-it": """
        La luce della cucina è accesa. | Ci sono ventuno gradi in soggiorno. | Buongiorno! Hai dormito bene?
        | La lavatrice ha finito, il bucato si può stendere. | Non ho trovato nessun dispositivo chiamato garage.
        | Domani pioverà nel pomeriggio, con dodici gradi al massimo. | Va bene. | Il tuo timer di dieci minuti è terminato.
        | La porta di casa è aperta da cinque minuti. | Perché la gallina ha attraversato la strada? Per andare dall'altra parte.
        | Ci sono tre messaggi nuovi, due dei quali da tua sorella. | Tutte le finestre sono chiuse.""",
}
Samples = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def engine() -> Iterator[Builtin]:
    engine = Builtin()
    engine.load()
    engine.warm_up()
    yield engine
    engine.unload()


def line(speaker: str = "heart", seed: int = 1) -> Line:
    return Line(speaker, "en-US", seed)


def say(engine: Builtin, sentences: list[str], speaker: str = "heart", seed: int = 1) -> list[bytes]:
    """Each sentence's PCM."""
    engine.join(0, line(speaker, seed))
    for sentence in sentences:
        engine.feed(0, sentence)
    engine.end_text(0)
    frames = [engine.step([0])[0]]
    while frames[-1].end is None:
        frames.append(engine.step([0])[0])
    engine.leave(0)
    return [frame.pcm for frame in frames]


def samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2") / 32768.0


def test_is_a_backend_whose_voices_have_unique_names() -> None:
    backend: Backend = Builtin()
    facts = backend.facts
    assert (facts.name, facts.model, facts.sample_rate, facts.width) == ("builtin", "builtin", 24_000, 1)
    assert facts.version
    assert [(s.id, s.languages[0]) for s in facts.speakers] == [
        ("heart", "en-US"), ("pico-de", "de-DE"), ("pico-fr", "fr-FR"), ("pico-es", "es-ES"), ("pico-it", "it-IT"),
    ]  # fmt: skip
    assert len({speaker.label for speaker in facts.speakers}) == len(facts.speakers)


def test_the_module_is_light_and_an_engine_starts_quickly() -> None:
    script = """if True:
        import sys, time
        from models.builtin import Builtin
        heavy = [m for m in ("hibari", "onnxruntime", "py_nanotts", "soxr", "torch") if m in sys.modules]
        assert not heavy, heavy
        started = time.process_time()
        engine = Builtin(); engine.load(); engine.warm_up()
        spent = time.process_time() - started
        assert "torch" not in sys.modules
        idle = time.process_time(); time.sleep(0.3); idle = time.process_time() - idle
        assert idle < 0.15, f"threads spin: {idle}"
        assert spent < 10, spent
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_sentence_a_step_then_dry_then_the_end(engine: Builtin) -> None:
    engine.join(3, line())
    engine.feed(3, "One.")
    engine.feed(3, "Two.")
    first, second = engine.step([3])[0], engine.step([3])[0]
    assert first.pcm and not first.dry and first.end is None
    assert second.pcm and second.dry and second.end is None
    assert (engine.step([3])[0].pcm, engine.step([3])[0].dry) == (b"", True)
    engine.feed(3, "Three.")
    engine.end_text(3)
    last = engine.step([3])[0]
    assert last.pcm and last.end == "stop" and not last.dry
    engine.leave(3)
    engine.leave(3)


def test_the_end_after_the_last_sentence_is_empty(engine: Builtin) -> None:
    engine.join(0, line())
    engine.end_text(0)
    assert (frame := engine.step([0])[0]).end == "stop" and frame.pcm == b""


def test_the_gap_stands_before_every_sentence_but_the_first(engine: Builtin) -> None:
    first, second = say(engine, ["Okay.", "Okay."])
    assert len(second) - len(first) == 2 * 24 * 120
    assert not any(second[: 2 * 24 * 120])
    assert second[2 * 24 * 120 :] == first


@pytest.mark.parametrize("speaker", CORPUS)
def test_the_same_line_gives_the_same_samples_whatever_was_said_before(engine: Builtin, speaker: str) -> None:
    sentences = [sentence.strip() for sentence in CORPUS[speaker].split("|")[:3]]
    alone = [say(engine, [sentence], speaker)[0] for sentence in sentences]
    noise = [np.random.default_rng(size).random(size) for size in (1000, 400_000, 50_000)]
    del noise
    say(engine, ["Ein anderer Satz, ganz anders."], "pico-de")
    assert [say(engine, [sentence], speaker)[0] for sentence in reversed(sentences)] == alone[::-1]


def test_the_seed_is_heard(engine: Builtin) -> None:
    assert say(engine, ["Hello there."], seed=1) == say(engine, ["Hello there."], seed=1)
    assert say(engine, ["Hello there."], seed=1) != say(engine, ["Hello there."], seed=2)
    assert say(engine, ["Hello there."], seed=-1) and say(engine, ["Hello there."], seed=2**64)


def test_a_parked_row_goes_on_as_if_it_had_never_stopped(engine: Builtin) -> None:
    straight = say(engine, ["One.", "Two.", "Three."])
    engine.join(0, line())
    for sentence in ("One.", "Two."):
        engine.feed(0, sentence)
    heard = [engine.step([0])[0].pcm]
    parked = engine.park(0)
    engine.join(0, line("pico-de"))
    engine.restore(5, parked)
    engine.feed(5, "Three.")
    engine.end_text(5)
    heard += [engine.step([5])[0].pcm, engine.step([5])[0].pcm]
    assert heard == straight


@pytest.mark.parametrize("text", ["", "...", "日本語", "\ud800\x00", "[]", "—"])
@pytest.mark.parametrize("speaker", ["heart", "pico-de"])
def test_nothing_to_say_is_no_error(engine: Builtin, speaker: str, text: str) -> None:
    engine.join(0, line(speaker))
    engine.feed(0, text)
    engine.end_text(0)
    assert (frame := engine.step([0])[0]).error is None and frame.end == "stop"


def test_an_unknown_voice_fails_its_own_row_alone(engine: Builtin) -> None:
    engine.join(0, line("nobody"))
    engine.join(1, line())
    engine.feed(0, "Hello.")
    engine.feed(1, "Hello.")
    assert isinstance(engine.step([0])[0].error, RowFailed)
    assert engine.step([1])[0].pcm


def test_what_trips_an_engine_costs_one_word(
    engine: Builtin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hibari = engine._hibari

    def touchy(text: str, seed: int) -> object:
        if "bad" in text:
            raise IndexError("list index out of range")
        assert hibari is not None
        return hibari(text, seed=seed)

    monkeypatch.setattr(engine, "_hibari", touchy)
    with caplog.at_level(logging.WARNING):
        assert len(say(engine, ["One two bad four five."])[0]) > 48_000
    assert "cannot say a word" in caplog.text


def test_a_missing_package_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(EngineUnavailable, match="hibari-tts"):
        Builtin().load()


# --- loudness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speaker", CORPUS)
def test_every_voice_is_as_loud_as_the_others(engine: Builtin, speaker: str) -> None:
    """Where the gains in models/builtin.py come from: run with -s to see what each would have to be."""
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    spoken = [samples(pcm) for pcm in say(engine, CORPUS[speaker].split("|"), speaker)]
    together = meter.integrated_loudness(np.concatenate(spoken))
    print(f"{speaker}: {together:.2f} LUFS; multiply the gain by {10 ** ((loudness.TARGET_LUFS - together) / 20):.3f}")
    assert together == pytest.approx(loudness.TARGET_LUFS, abs=1.0)
    for sentence in spoken:
        heard = np.flatnonzero(np.abs(sentence) > 0.01)
        speech = sentence[heard[0] : heard[-1]]
        assert meter.integrated_loudness(np.pad(speech, (0, SAMPLE_RATE // 5))) == pytest.approx(together, abs=3.0)
        peak = np.abs(soxr.resample(sentence, SAMPLE_RATE, 4 * SAMPLE_RATE)).max()
        assert 20 * np.log10(peak) < -1.0


@pytest.mark.parametrize("speaker", CORPUS)
def test_starts_soon_and_without_a_click(engine: Builtin, speaker: str) -> None:
    for pcm in say(engine, CORPUS[speaker].split("|")[:1], speaker):
        audio = samples(pcm)
        assert np.flatnonzero(np.abs(audio) > 0.01)[0] <= 0.055 * SAMPLE_RATE
        assert abs(audio[0]) < 0.002 and abs(audio[-1]) < 0.002


def test_the_limiter_holds_the_ceiling_and_leaves_the_rest() -> None:
    quiet = (0.5 * np.sin(np.arange(24_000) / 10)).astype(np.float32)
    assert loudness.limit(quiet, SAMPLE_RATE) is quiet
    peaky = quiet.copy()
    peaky[12_000:12_050] *= 3
    limited = loudness.limit(peaky, SAMPLE_RATE)
    assert np.abs(limited).max() <= loudness.CEILING + 1e-6
    assert np.array_equal(limited[:10_000], peaky[:10_000]) and np.array_equal(limited[14_000:], peaky[14_000:])
    gain = limited[peaky != 0] / peaky[peaky != 0]
    assert np.abs(np.diff(gain)).max() < 0.01  # no corner
    for edge in (0, -1):
        peaky = quiet.copy()
        peaky[edge] = 4.0
        assert np.abs(loudness.limit(peaky, SAMPLE_RATE)).max() <= loudness.CEILING + 1e-6


def test_levels_of_nothing() -> None:
    for size in (0, 1, 100):
        nothing = np.zeros(size, np.float32)
        assert not loudness.limit(loudness.even(loudness.trim(nothing, SAMPLE_RATE), SAMPLE_RATE), SAMPLE_RATE).any()


@pytest.mark.slow
def test_the_limiter_costs_little() -> None:
    noise = np.random.default_rng(0).normal(0, 0.5, 10 * SAMPLE_RATE).astype(np.float32)
    started = time.process_time()
    loudness.limit(noise, SAMPLE_RATE)
    assert (time.process_time() - started) / 10 < 0.003  # measured 0.4 to 0.8 ms a second of speech


# --- what text may do -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Grüße, «Café»… naïve Łódź — œuvre", "Grüße, Café, naïve Lódz, oeuvre"),
        ("l’homme ‘ici’ 'x' d'accord", "l'homme ici x d'accord"),
        ("<speed level=300>x</speed>", "speed level=300 x /speed"),
        ("a\x00b\ud800c\u200bd привет", "a b c d"),
        ("Wirklich?!?! Nun... ja.", "Wirklich? Nun. ja."),
        ("a §§§§§§ b", "a, b"),
        ("x" * 90, f"{'x' * 40} {'x' * 40} {'x' * 10}"),
        ("1" * 33, f"{'1' * 15} {'1' * 15} 111"),
        ("½ m² ﬁn １２", "1/2 m2 fin 12"),
    ],
)
def test_for_pico(text: str, safe: str) -> None:
    assert speakable.for_pico(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[word](/wˈɜd/) it's", "word (/wˈɜd/) it's"),
        ("① and ¹, 5 m²", "1 and 1, 5 m²"),
        ("a\x00b\ud800c", "a b c"),
        ("9" * 20, f"{'9' * 15} 99999"),
    ],
)
def test_for_hibari(text: str, safe: str) -> None:
    assert speakable.for_hibari(text) == safe


def test_portions_are_bounded_and_complete() -> None:
    text = speakable.for_pico("Ein Satz mit vielen Wörtern, " * 40 + "x" * 1000)
    parts = list(speakable.portions(text))
    assert all(0 < len(part) <= speakable.MAX_SEGMENT for part in parts)
    assert " ".join(parts) == text


FUZZ = """if True:
    import ctypes, random, sys
    from models.backend import Line
    from models.builtin import Builtin
    dice, engine = random.Random(7), Builtin()
    engine.load()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-6, 85)  # memory full of rubbish, in which Pico crashes at this text unless it is zeroed
    engine.join(0, Line("pico-it", "", 0))
    engine.feed(0, "SD E")
    assert engine.step([0])[0].pcm
    words = ("der und Haus 5. z.B. 3,14 12:30 -5°C www.a.com 1/2 10% 50€ l'homme ¿qué? 1.000.000 XIV U.S.A. & + = # 007 1e10 "
             "ABC x² ½ ' '' -- // ... ? ! <speed level=5> [a](/b/) A1").split()
    kinds = [lambda n: "".join(chr(dice.randrange(32, 127)) for _ in range(n)),
             lambda n: "".join(chr(dice.randrange(1, 0x250)) for _ in range(n)),
             lambda n: "".join(chr(dice.randrange(1, 0x1ffff)) for _ in range(n)),
             lambda n: "".join(dice.choice("0123456789 .,:-/$%") for _ in range(n)),
             lambda n: "".join(dice.choice(".,;:!?'()%&+-/=@#$€£°§¿¡ a1") for _ in range(n)),
             lambda n: "".join(dice.choice("abcdeäöéèñ") for _ in range(n)),
             lambda n: "".join(dice.choice(words) + dice.choice(["", " "]) for _ in range(n // 4))]
    fixed = ["a" * 400, "1" * 80, "." * 400, "A1" * 50, "<volume level=9>", "9 " * 30, "'" * 400, "é" * 200, "x" * 41]
    texts = fixed + [dice.choice(kinds)(dice.choice([3, 20, 50])) for _ in range(150)]
    for turn, text in enumerate(texts):
        print(turn, ascii(text), flush=True)
        for speaker in engine.facts.speakers if turn < len(fixed) else [dice.choice(engine.facts.speakers)]:
            engine.join(0, Line(speaker.id, "", turn))
            engine.feed(0, text)
            engine.end_text(0)
            frame = engine.step([0])[0]
            assert frame.error is None
"""


def test_no_text_breaks_it() -> None:
    """In a process of its own, because Pico's way to fail is to take the process with it or to hang."""
    done = subprocess.run([sys.executable, "-c", FUZZ], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
