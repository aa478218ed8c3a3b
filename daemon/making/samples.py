"""What a voice says when it is tried: two sentences of its language with most of its sounds, about eight seconds."""

from __future__ import annotations

from typing import Final

_TEXTS: Final = {
    "de": "Guten Morgen, schön, dass du da bist! Heute wird es sonnig, und am Abend zieht von Westen her ein leichter Regen auf.",
    "en": "Good morning, how nice to hear from you! It will be sunny today, and a little rain may pass through in the evening.",
    "es": "¡Buenos días, qué alegría oírte! Hoy hará sol, y por la noche es posible que caiga un poco de lluvia.",
    "fr": "Bonjour, quel plaisir de vous entendre ! Il fera beau aujourd'hui, et une petite pluie passera peut-être ce soir.",
    "it": "Buongiorno, che piacere sentirti! Oggi ci sarà il sole, e in serata potrebbe cadere un po' di pioggia leggera.",
    "ja": "おはようございます。お元気ですか。今日はよく晴れますが、夕方には少し雨が降るかもしれません。",
    "ko": "좋은 아침이에요, 목소리를 들으니 정말 반갑네요. 오늘은 하루 종일 맑겠고, 저녁에는 비가 조금 내릴 수도 있어요.",
    "pt": "Bom dia, que alegria ouvir você! Hoje vai fazer sol, e à noite talvez caia uma chuva bem leve.",
    "ru": "Доброе утро, как приятно вас слышать! Сегодня будет солнечно, а ближе к вечеру пройдёт небольшой дождь.",
    "zh": "早上好，很高兴又听到你的声音。今天阳光明媚，傍晚的时候可能会下一点小雨，出门请带上雨伞。",
}


def sample(language: str) -> str:
    """For a BCP-47 tag; English where there is none of its own."""
    return _TEXTS.get(language.replace("_", "-").partition("-")[0].strip().lower(), _TEXTS["en"])
