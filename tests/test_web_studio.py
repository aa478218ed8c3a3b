"""The studio without a browser: what its routes answer, and that its markup keeps its own promises."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from daemon.core import Voiced
from daemon.making.profiles import Draft
from daemon.utterance import Utterance
from models.backend import Facts, Speaker
from voices.disk import StoreFailed
from voices.lexicon import Entry
from web import app, studio, tongues

STATIC = Path(studio.__file__).parent / "static"
TEMPLATES = Path(studio.__file__).parent / "templates"
# The pages, and some of what their scripts look for.
PAGES = {
    "/": {"text", "speak-word", "theme"},
    "/voices": {"recording", "mix", "theme"},
    "/work": {"begin", "ended", "theme"},
}

Start = Callable[..., Awaitable[Voiced]]
Browse = Callable[..., Awaitable[tuple[TestClient, Voiced]]]


@pytest.fixture
async def browse(start: Start) -> AsyncIterator[Browse]:
    """`client, voiced = await browse(**settings)`."""
    clients = []

    async def visit(**options: object) -> tuple[TestClient, Voiced]:
        voiced = await start(http="127.0.0.1:0", **options)
        client = TestClient(TestServer(app.build(voiced, None)))
        await client.start_server()
        clients.append(client)
        return client, voiced

    yield visit
    for client in clients:
        await client.close()


async def speak(voiced: Voiced, text: str, **wishes: object) -> str:
    """Speak as the studio does; the run's id."""
    async with voiced.speech.open(Utterance(text=text, door="studio", **wishes)) as take:
        async for _ in take:
            pass
    assert take.run_id is not None
    return take.run_id


class Markup(HTMLParser):
    """Every start tag with its attributes, and what is text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.texts.append((self.inside[-1], data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]


async def read(client: TestClient, path: str = "/") -> Markup:
    answer = await client.get(path)
    assert answer.status == 200
    assert answer.content_type == "text/html"
    return Markup(await answer.text())


# --- the page ---------------------------------------------------------------------------------------------------


async def test_the_page_says_who_speaks_and_why(browse: Browse) -> None:
    client, voiced = await browse()
    text = await (await client.get("/")).text()
    assert "The tone engine was asked for: a test signal, not speech." in text
    assert f">{voiced.engine.facts.name}<" in text
    assert ">ready<" in text


async def test_every_voice_is_offered_with_its_languages(browse: Browse) -> None:
    client, voiced = await browse()
    options = {o["value"]: o for o in (await read(client)).all("option") if o.get("data-languages")}
    for profile in voiced.casting.profiles():
        assert options[profile.id]["data-languages"] == " ".join(profile.languages)
        assert "disabled" not in options[profile.id]
    assert set(str(options[""]["data-languages"]).split()) >= {"en", "de", "zh"}


async def test_a_voice_that_is_not_installed_is_shown_and_cannot_be_chosen(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, voiced = await browse()
    here, *_ = voiced.casting.everyone()
    absent = replace(here, id="far-away", label="Far away", languages=("ga",), installed=False)
    monkeypatch.setattr(voiced.casting, "everyone", lambda: (here, absent))
    page = await read(client)
    assert "disabled" in next(o for o in page.all("option") if o["value"] == "far-away")
    assert ("option", "Far away (not installed)") in page.texts
    assert not [o for o in page.all("option") if o["value"] == "ga"], "nobody here can speak it yet"


async def test_it_takes_as_much_text_as_the_daemon(browse: Browse) -> None:
    client, _ = await browse(max_text=1234)
    assert (await read(client)).all("textarea")[0]["maxlength"] == "1234"


async def test_every_format_can_be_downloaded(browse: Browse) -> None:
    client, _ = await browse()
    formats = [a["data-format"] for a in (await read(client)).all("a") if "data-format" in a]
    assert sorted(map(str, formats)) == ["aac", "flac", "mp3", "opus", "pcm", "wav"]


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_runs_or_styles_inline_and_nothing_comes_from_elsewhere(browse: Browse, path: str) -> None:
    client, voiced = await browse()
    await speak(voiced, "Hello.")
    page = await read(client, path)
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], (tag, attrs)
        for address in (attrs.get("src"), attrs.get("href"), attrs.get("action")):
            assert address is None or re.match(r"/(?!/)|#", address), (tag, address)
    assert all(script.get("src") for script in page.all("script"))
    assert not page.all("style")


@pytest.mark.parametrize("path", PAGES)
async def test_labels_ids_and_references_fit_together(browse: Browse, path: str) -> None:
    client, _ = await browse()
    page = await read(client, path)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for wanted in (attrs.get(name) or "").split():
                assert wanted in ids, (name, wanted)


def loaded(page: Markup) -> set[str]:
    """The files that a page loads by itself: its styles, its scripts, and what these import."""
    wanted = [str(attrs.get("src") or attrs.get("href")) for tag, attrs in page.tags if tag in ("script", "link")]
    names, found = [address.rpartition("/")[2] for address in wanted], set[str]()
    while names:
        found.add(name := names.pop())
        source = (STATIC / name).read_text()
        names += [one for one in re.findall(r'"\./([a-z]+\.js)"', source) if one not in found]
    return found


@pytest.mark.parametrize(("path", "some"), PAGES.items())
async def test_what_the_scripts_look_for_is_on_the_page(browse: Browse, path: str, some: set[str]) -> None:
    client, _ = await browse()
    page = await read(client, path)
    wanted = {
        match
        for script in loaded(page)
        if script.endswith(".js")
        for match in re.findall(r'(?:element|write|getElementById)\("([a-z-]+)"', (STATIC / script).read_text())
    }
    assert some <= wanted <= set(page.ids()), wanted - set(page.ids())


async def test_the_policy_is_strict(browse: Browse) -> None:
    client, _ = await browse()
    for path in (*PAGES, "/studio/runs", "/static/studio.js"):
        policy = (await client.get(path)).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


async def test_with_keys_the_page_is_closed_to_strangers_and_opens_with_one(start: Start) -> None:
    from web.guard import Keys

    voiced = await start(http="127.0.0.1:0")
    key = "a-key-that-nobody-guesses"
    async with TestClient(TestServer(app.build(voiced, Keys({"home": key})))) as client:
        for path in (*PAGES, "/studio/runs", "/studio/jobs", "/static/studio.js", "/static/voices.js"):
            assert (await client.get(path)).status == 401
        answer = await client.get("/", params={"api_key": key})
        assert (answer.status, answer.url.query_string) == (200, "")


# --- runs -------------------------------------------------------------------------------------------------------


async def test_runs_are_listed_newest_first_and_no_more_than_ten(browse: Browse) -> None:
    client, voiced = await browse()
    ids = [await speak(voiced, f"Number {number}.") for number in range(11)]
    for path in ("/", "/studio/runs"):
        rows = [li["data-run"] for li in (await read(client, path)).all("li")]
        assert rows == ids[:0:-1], path


async def test_a_row_has_the_text_the_voice_a_player_and_a_download(browse: Browse) -> None:
    client, voiced = await browse()
    run = await speak(voiced, "Hello   there.\n\nYou.", voice="tone-2")
    page = await read(client, "/studio/runs")
    audio, download = page.all("audio")[0], page.all("a")[0]
    assert ("p", "Hello there. You.") in page.texts
    assert ("span", "tone-2") in page.texts
    assert (audio["preload"], audio["src"]) == ("none", f"/api/v1/runs/{run}/files/audio.wav")
    assert download["href"] == audio["src"]
    assert (await client.get(str(audio["src"]))).content_type == "audio/wav"


async def test_what_people_write_stays_text(browse: Browse) -> None:
    client, voiced = await browse()
    await speak(voiced, """<script>alert(1)</script> "quoted' & <img src=x onerror=alert(2)>""")
    for path in ("/", "/studio/runs"):
        text = await (await client.get(path)).text()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert not [a for _, a in Markup(text).tags if "onerror" in a]


async def test_a_long_text_is_cut_in_its_row_only(browse: Browse) -> None:
    client, voiced = await browse()
    await speak(voiced, "word " * 200, language="en")
    said = next(text for tag, text in (await read(client, "/studio/runs")).texts if tag == "p")
    assert len(said) <= 160
    assert said.endswith("word…")


async def test_a_broken_run_does_not_keep_the_page_from_opening(browse: Browse) -> None:
    client, voiced = await browse()
    runs = [await speak(voiced, "Fine.") for _ in range(5)]
    folders = [voiced.runs.find(run).path for run in runs]
    for folder, broken in zip(folders, (b"", b"[1]", b'{"text": 7}', b"\xff\xfe", b"[" * 100_000), strict=True):
        (folder / "input.json").write_bytes(broken)
    meta = json.loads((folders[0] / "meta.json").read_bytes())
    for folder, timing in zip(folders, (None, 3, {}, {"audio_ms": "x"}, {"audio_ms": -1}), strict=True):
        meta.update(timing=timing, run_id=folder.name.rpartition("_")[2])
        (folder / "meta.json").write_text(json.dumps(meta))
    (folders[0] / "audio.wav").unlink()
    page = await read(client)
    assert len(page.all("li")) == 5
    assert len(page.all("audio")) == 4


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(2400, "2.4 s"), (59_000, "59.0 s"), (61_000, "1:01 min"), (0, ""), ("x", "")]
)
def test_lengths_as_people_read_them(milliseconds: object, shown: str) -> None:
    assert studio._length({"audio_ms": milliseconds}) == shown


# --- voices -----------------------------------------------------------------------------------------------------


async def test_the_room_for_voices_shows_everybody_and_their_words_stay_text(browse: Browse) -> None:
    client, voiced = await browse()
    rude = "<img src=x onerror=alert(1)>"
    await voiced.profiles.create(Draft("preset", id="rude", label=rude, speaker="tone"))
    voiced.pronunciation.words.put(Entry(rude, rude))
    page = await read(client, "/voices")
    rows = [row["data-voice"] for row in page.all("li") if row.get("class") == "voice"]
    assert rows == ["rude", "tone", "tone-2"]
    assert not [attrs for _, attrs in page.tags if "onerror" in attrs]
    assert ("span", rude) in page.texts
    assert ("b", rude) in page.texts


async def test_a_folder_of_voices_that_cannot_be_read_is_told_and_the_models_voices_are_there(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, voiced = await browse()

    def fail() -> None:
        raise StoreFailed("the disk is on its way out")

    monkeypatch.setattr(voiced.store, "broken", fail)
    text = await (await client.get("/voices")).text()
    assert "The kept voices cannot be read: the disk is on its way out." in text
    assert 'data-voice="tone"' in text


# --- languages --------------------------------------------------------------------------------------------------


def test_languages_are_shown_once_by_name() -> None:
    offered = tongues.languages(["zh-CN", "en-US", "de", "en-US", "tlh", "en-GB"])
    names = [language.name for language in offered]
    assert names == ["Chinese", "English (GB)", "English (US)", "German", "tlh"]


def test_every_language_of_the_test_signal_has_a_name() -> None:
    from models.tone import Tone

    facts: Facts = Tone().facts
    speakers: tuple[Speaker, ...] = facts.speakers
    assert all(language.name != language.tag for language in tongues.languages(speakers[0].languages))


def test_what_a_voice_speaks_in_a_line() -> None:
    assert tongues.spoken(["de"]) == "German"
    assert tongues.spoken(["en-US", "en-GB"]) == "English (US), English (GB)"
    assert tongues.spoken(["zh", "en", "de", "fr"]) == "zh en de fr"


# --- files ------------------------------------------------------------------------------------------------------


async def test_every_file_is_served_as_what_it_is(browse: Browse) -> None:
    client, _ = await browse()
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert len(files) >= 10
    for path in files:
        answer = await client.get(f"/static/{path.relative_to(STATIC).as_posix()}")
        assert (answer.status, answer.content_type) == (200, types[path.suffix])
        assert await answer.read() == path.read_bytes()


async def test_an_unchanged_file_is_asked_for_and_not_sent_again(browse: Browse) -> None:
    client, _ = await browse()
    first = await client.get("/static/studio.js")
    assert "no-cache" in first.headers["Cache-Control"]
    again = await client.get("/static/studio.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("path", ["nothing.js", "../studio.py", "%2e%2e/studio.py", "..%2fapp.py", "/etc/passwd", "."])
async def test_nothing_else_is_served(browse: Browse, path: str) -> None:
    client, _ = await browse()
    assert (await client.get(f"/static/{path}")).status == 404


@pytest.mark.parametrize(("path", "most"), [("/", 80_000), ("/voices", 100_000), ("/work", 100_000)])
async def test_the_page_is_small(browse: Browse, path: str, most: int) -> None:
    """What a phone on a slow network loads before it can speak, make a voice, or begin long work."""
    client, _ = await browse()
    assert sum((STATIC / name).stat().st_size for name in loaded(await read(client, path))) < most


async def test_every_file_belongs_to_a_page(browse: Browse) -> None:
    client, _ = await browse()
    used = set[str]().union(*[loaded(await read(client, path)) for path in PAGES])
    assert {path.name for path in STATIC.iterdir()} == used | {"chevron.svg"}, "which a style sheet names"


def test_scripts_make_no_markup_and_run_no_text() -> None:
    for script in STATIC.glob("*.js"):
        source = script.read_text()
        for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert risky not in source, (script.name, risky)


def test_templates_never_switch_escaping_off() -> None:
    for template in TEMPLATES.glob("*.j2"):
        assert not re.search(r"\|\s*safe|autoescape", template.read_text()), template.name
