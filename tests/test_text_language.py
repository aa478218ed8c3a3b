"""Which language a text is in."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from daemon.casting import Casting
from daemon.text import language
from daemon.text.language import detect, normalise, prepare, primary
from models.tone import Tone

AMONG = ("en-US", "de-DE", "fr-FR", "es-ES", "it-IT")
SENTENCES = {
    "en": """The light in the kitchen is on. | It is 21 degrees in Berlin. | Ok, I set a timer. | Turn off all the lights.
        | The front door is locked. | Set the thermostat to twenty degrees | Good morning, how did you sleep?
        | There is no rain in the forecast today. | I could not find that device. | What is the weather like tomorrow?
        | Done, the garage is closed now.""",
    "de": """Das Licht in der Küche ist an. | Mach das Licht bitte aus. | Es ist fünf Uhr dreißig.
        | Im Wohnzimmer sind es 21 Grad.
        | Heute wird es sonnig und warm. | Die Waschmaschine ist fertig. | Ich habe das nicht verstanden.
        | Guten Morgen, wie geht es dir? | Der Timer ist abgelaufen, Chef. | Kannst du mir bitte helfen?
        | Alle Fenster sind geschlossen.""",
    "fr": """La lumière de la cuisine est allumée. | Il fait beau aujourd'hui à Paris. | Je n'ai pas compris la question.
        | La porte du garage est ouverte. | Bonjour, comment allez-vous ce matin ? | Le minuteur est terminé, chef.
        | Éteins toutes les lampes du salon. | Il est cinq heures et demie. | La machine à laver a fini.
        | Voulez-vous que je ferme les volets ?""",
    "es": """La luz de la cocina está encendida. | Hoy hace sol y mucho calor. | No he entendido la pregunta.
        | La puerta del garaje está abierta. | Buenos días, ¿cómo has dormido? | El temporizador ha terminado ahora.
        | Apaga todas las luces del salón. | Son las cinco y media. | La lavadora ya ha terminado.
        | ¿Quieres que cierre las persianas?""",
    "it": """La luce della cucina è accesa. | Oggi fa bello e caldo. | Non ho capito la domanda. | La porta del garage è aperta.
        | Buongiorno, come hai dormito stanotte? | Il timer è finito adesso. | Spegni tutte le luci del soggiorno.
        | Sono le cinque e mezza. | La lavatrice ha appena finito. | Vuoi che chiuda le tapparelle?""",
    # Not among the wanted: called by their own names.
    "pl": "Światło w kuchni jest włączone. | Proszę wyłączyć lampę w salonie. | Drzwi są otwarte od rana.",
    "nl": "Het licht in de keuken is aan. | De deur van de garage is open.",
    "pt": "A luz da cozinha está acesa. | Não entendi a sua pergunta.",
    "sv": "Lampan i köket är tänd. | Dörren till garaget är öppen.",
    "tr": "Mutfaktaki ışık şu anda açık. | Bugün hava çok güzel olacak.",
    "cs": "Dveře do garáže jsou otevřené. | Dobré ráno, jak ses dnes vyspal?",
    # By their script, from the first word on.
    "ru": "Да | Привет, как дела? | Лампа Philips включена",
    "ja": "こんにちは | 東京特許許可局は | ラーメン",
    "zh": "你好 | 今天天气很好 OK",
    "ko": "안녕하세요 | 불 켜 줘",
    "ar": "مرحبا",
    "he": "שלום",
    "hi": "नमस्ते",
    "el": "Καλημέρα",
    "th": "สวัสดี",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_detects(language: str) -> None:
    for text in SENTENCES[language].split("|"):
        assert detect(text.strip(), AMONG) == language, text


@pytest.mark.parametrize(
    "text", ["", "   ", "12 34 56 78 90", "!!! ... ???", "Hello there", "Guten Morgen Anna", "\ud800"]
)
def test_too_little_to_tell(text: str) -> None:
    assert detect(text, AMONG) is None


def test_a_foreign_letter_does_not_decide() -> None:
    assert detect("The resistance of this wire is 5 Ω, or 5000 mΩ.", AMONG) == "en"


def test_a_long_text_is_not_read_to_its_end() -> None:
    assert detect("The light in the kitchen is on. " * 100_000, AMONG) == "en"


def test_a_wanted_language_that_is_not_common_is_found() -> None:
    assert detect("Kveiktu á ljósinu í eldhúsinu núna.", ["en", "is"]) == "is"
    assert detect("Das Licht in der Küche ist an.", ["de", "tlh"]) == "de"  # the classifier knows no Klingon


def test_many_threads_agree() -> None:
    texts = [text.strip() for language in ("en", "de", "fr") for text in SENTENCES[language].split("|")]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: detect(texts[n % len(texts)], AMONG[: 3 + n % 3]), range(200)))
    assert found == [detect(texts[n % len(texts)], AMONG) for n in range(200)]


def test_the_module_is_light_until_asked() -> None:
    script = """if True:
        import sys
        from daemon.text.language import detect, prepare
        assert detect("Привет", ["en"]) == "ru" and detect("Hi", ["en"]) is None
        assert not {"py3langid", "numpy"} & set(sys.modules)
        prepare(["en"])
        assert "py3langid" in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_prepare_may_be_called_again() -> None:
    text = "Das ist ein ganz gewöhnlicher Satz in dieser Sprache."
    found = []
    for _ in range(2):
        prepare(AMONG)
        found.append(detect(text, AMONG))
    assert found == ["de", "de"]


@pytest.mark.parametrize(
    ("tag", "normal", "short"),
    [
        ("en", "en", "en"),
        ("EN-us", "en-US", "en"),
        ("en_US", "en-US", "en"),
        ("de_DE.UTF-8", "de-DE", "de"),
        (" fr-FR ", "fr-FR", "fr"),
        ("zh-hans-cn", "zh-Hans-CN", "zh"),
        ("es-419", "es-419", "es"),
        ("yue", "yue", "yue"),
        ("de-CH-1996", "de-CH-1996", "de"),
    ],
)
def test_tags(tag: str, normal: str, short: str) -> None:
    assert (normalise(tag), primary(tag)) == (normal, short)


@pytest.mark.parametrize("tag", ["", "e", "english", "e n", "12", "en--US", "en-", "en/US", "ру", "-", "a" * 10_000])
def test_rubbish_is_refused_with_an_example(tag: str) -> None:
    with pytest.raises(ValueError, match="en-US") as refused:
        normalise(tag)
    assert len(str(refused.value)) < 150


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """There is no room for temporary files, and the classifier was not needed before."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    for kept in (language._classifier, language._full):
        kept.cache_clear()
    yield
    for kept in (language._classifier, language._full):
        kept.cache_clear()


@pytest.mark.usefixtures("full")
def test_without_room_words_tell_nothing_and_scripts_all_they_do() -> None:
    assert detect("Das Licht in der Küche ist an.", AMONG) is None
    assert detect("Свет на кухне горит.", AMONG) == "ru"
    with pytest.raises(OSError, match="No space"):
        prepare(AMONG)


@pytest.mark.usefixtures("full")
def test_a_house_without_room_opens_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    casting = Casting(Tone().facts)
    casting.prepare()
    assert "No space left on device in the folder for temporary files (TMPDIR)" in caplog.text
    assert casting.cast(None, None, "Das Licht in der Küche ist an.")[0].id == "tone"
