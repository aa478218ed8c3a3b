"""The studio in a real Chromium: it is heard, seen, stopped, kept, and never pretends."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import shutil
import threading
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from daemon import settings
from daemon.core import Voiced
from models.backend import Frame
from models.tone import FRAME_SAMPLES, Tone
from web import app
from web.guard import Keys
from web.socket import SOCKETS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--autoplay-policy=no-user-gesture-required"
).split()

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
]

# A machine that tests may be busy for longer than a person waits.
expect.set_options(timeout=20_000)

# Stands between the studio and the speakers and writes down what passes; and notes when the end frame arrives.
EAR = """
  window.ear = { blocks: [], first: null, end: null, at: 0 };
  const { connect } = AudioNode.prototype;
  const worklet = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "audioWorklet").get;
  const { addModule } = AudioWorklet.prototype;
  AudioWorklet.prototype.addModule = async function (url) {
    await addModule.call(this, "/ear.js");
    return addModule.call(this, url);
  };
  const listen = (from, to) => {
    const node = new AudioWorkletNode(from.context, "ear", { outputChannelCount: [1] });
    ear.context = from.context;
    node.port.onmessage = ({ data: [at, block] }) => {
      ear.at = at;
      if (ear.first === null && block.some((sample) => sample)) ear.first = performance.now();
      ear.blocks.push(block);
    };
    connect.call(from, node);
    connect.call(node, to);
  };
  AudioNode.prototype.connect = function (to, ...rest) {
    if (!(to instanceof AudioDestinationNode)) return connect.call(this, to, ...rest);
    if (this instanceof AudioWorkletNode) listen(this, to);
    else addModule.call(worklet.call(this.context), "/ear.js").then(() => listen(this, to));
    return to;
  };
  ear.samples = () => {
    const all = new Float32Array(ear.blocks.reduce((sum, block) => sum + block.length, 0));
    let at = 0;
    for (const block of ear.blocks) { all.set(block, at); at += block.length; }
    const bytes = new Uint8Array(Int16Array.from(all, (sample) => Math.round(sample * 32768)).buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && JSON.parse(data).type === "end") ear.end = performance.now();
      });
    }
  };
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node }) => (node instanceof Element ? node : node?.parentElement));
      const wrong = moved.filter((one) => one && !one.closest(".runs, footer"));
      if (!entry.hadRecentInput && wrong.length) shifts.push(wrong.map((one) => one.outerHTML.slice(0, 80)));
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
EAR_WORKLET = """
  registerProcessor("ear", class extends AudioWorkletProcessor {
    process([[input]], [[output]]) {
      if (!input) return true;
      output.set(input);
      this.port.postMessage([currentTime, input.slice()]);
      return true;
    }
  });
"""
NO_WORKLET = "Object.defineProperty(BaseAudioContext.prototype, 'audioWorklet', { get: () => undefined });"


@dataclass
class Studio:
    """One page, the daemon behind it, and what the browser complained about."""

    page: Page
    voiced: Voiced
    app: web.Application
    stack: AsyncExitStack
    complaints: list[str] = field(default_factory=list)

    async def state(self, state: str) -> None:
        await self.page.wait_for_selector(f"#stage[data-state={state}]")

    async def until(self, condition: str) -> None:
        """Wait until this is true in the page, whose own rules forbid it to look by itself."""
        async with asyncio.timeout(20):
            while not await self.page.evaluate(condition):
                await asyncio.sleep(0.02)

    async def ask(self, text: str, state: str) -> None:
        """Write it, press the button, and wait until the stage is in this state."""
        await self.page.fill("#text", text)
        await self.page.click("#speak")
        await self.state(state)

    async def speak(self, text: str) -> None:
        """Ask, and wait until it has been heard."""
        await self.ask(text, "done")

    async def heard(self) -> np.ndarray[Any, np.dtype[np.int16]]:
        """What has reached the speakers up to now, without the silence around it."""
        await self.page.evaluate("ear.now = ear.context.currentTime")
        await self.until("ear.at > ear.now")
        samples = np.frombuffer(base64.b64decode(await self.page.evaluate("ear.samples()")), "<i2")
        loud = np.flatnonzero(samples)
        return samples[loud[0] : loud[-1] + 1] if loud.size else samples[:0]

    @property
    def tone(self) -> Tone:
        backend = self.voiced.engine._host.models["tone"].backend
        assert isinstance(backend, Tone)
        return backend

    @contextmanager
    def held(self, frames: int) -> Iterator[None]:
        """What is spoken meanwhile comes so far, and goes on afterwards."""
        go_on, step, made = threading.Event(), self.tone.step, count(1)

        def halting(slots: Sequence[int]) -> list[Frame]:
            if next(made) > frames:
                go_on.wait(60)
            return step(slots)

        self.tone.step = halting  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.tone.step = step  # type: ignore[method-assign]
            go_on.set()

    async def kept(self) -> np.ndarray[Any, np.dtype[np.int16]]:
        """The newest run's recording, likewise."""
        path = (await asyncio.to_thread(self.voiced.runs.list, 1))[0].path / "audio.wav"
        with wave.open(io.BytesIO(path.read_bytes())) as recording:
            samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
        loud = np.flatnonzero(samples)
        return samples[loud[0] : loud[-1] + 1]

    async def text(self, selector: str) -> str:
        return (await self.page.text_content(selector) or "").strip()

    async def violations(self) -> list[tuple[str, list[str]]]:
        """What axe finds."""
        found = (await Axe().run(self.page)).response["violations"]
        return [(v["id"], [node["html"][:100] for node in v["nodes"]]) for v in found]


Open = Callable[..., Awaitable[Studio]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """`studio = await visit(**settings)`; afterwards nothing may have been complained about."""
    async with visits(chromium, tmp_path) as begin:
        yield begin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spoken(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    """A studio in which one sentence was spoken, for tests that look at what came of it."""
    async with visits(chromium, tmp_path_factory.mktemp("studio")) as begin:
        studio = await begin(tone_step_ms=40)
        for _ in range(5):  # where the machine had something else to do meanwhile, there is a gap
            await studio.page.evaluate("ear.blocks.length = 0; ear.first = null")
            with studio.held(8):
                await studio.ask("Good evening.", "speaking")
                await studio.until("ear.first !== null")
            await studio.state("done")
            if await studio.text("#gaps") == "0":
                break
        yield studio


@asynccontextmanager
async def visits(chromium: Browser, data_dir: Path) -> AsyncIterator[Open]:
    """Opens studios, each with a daemon of its own, and closes them all."""
    opened: list[Studio] = []
    async with AsyncExitStack() as outer:

        async def begin(
            *, browser: dict[str, Any] | None = None, script: str = "", keys: dict[str, str] | None = None,
            path: str = "/", **options: object,
        ) -> Studio:  # fmt: skip
            wishes = {"engine": "tone", "tone_step_ms": 20, "data_dir": str(data_dir), "http": "127.0.0.1:0"}
            stack = await outer.enter_async_context(AsyncExitStack())
            voiced = await stack.enter_async_context(Voiced(settings.read({**wishes, **options}, environ={})))
            application = app.build(voiced, Keys(keys) if keys else None)
            application.router.add_get("/ear.js", _ear)
            listener = await stack.enter_async_context(app.serve(application, voiced.settings))
            context = await chromium.new_context(**{"viewport": {"width": 1100, "height": 1200}, **(browser or {})})
            outer.push_async_callback(context.close)
            await context.add_init_script(EAR + script)
            page = await context.new_page()
            studio = Studio(page, voiced, application, stack)
            page.on("console", lambda said: _is_known(said.text) or studio.complaints.append(said.text))
            page.on("pageerror", lambda error: studio.complaints.append(str(error)))
            page.on(
                "request", lambda asked: _is_ours(asked.url, listener.urls[0]) or studio.complaints.append(asked.url)
            )
            await page.goto(listener.urls[0] + path)
            opened.append(studio)
            return studio

        yield begin
        for studio in opened:
            assert studio.complaints == []


async def _ear(_: web.Request) -> web.Response:
    return web.Response(text=EAR_WORKLET, content_type="text/javascript")


def _is_known(said: str) -> bool:
    """What Chromium says of these tests themselves, and of the way to play where there is no better one."""
    return "willReadFrequently" in said or "ScriptProcessorNode is deprecated" in said


def _is_ours(address: str, origin: str) -> bool:
    return address.startswith((origin + "/", "blob:", "data:"))


# --- heard ------------------------------------------------------------------------------------------------------


async def test_every_sample_reaches_the_speakers_while_speech_is_still_made(spoken: Studio) -> None:
    heard = await spoken.heard()
    assert heard.size > 20_000
    np.testing.assert_array_equal(heard, await spoken.kept())
    assert await spoken.text("#gaps") == "0"
    ear = await spoken.page.evaluate("({ first: ear.first, end: ear.end })")
    assert ear["first"] < ear["end"], "playback begins before the end frame"
    assert await spoken.page.evaluate("shifts") == [], "nothing moves while it speaks"


async def test_what_was_measured_is_shown(spoken: Studio) -> None:
    assert re.fullmatch(r"\d+ ms|\d+\.\d\d s", await spoken.text("#first-audio"))
    assert (await spoken.text("#first-heard")).startswith("heard after ")
    assert await spoken.text("#audio-length") == "1.04 s"
    assert (await spoken.text("#made-in")).startswith("made in ")
    assert (await spoken.text("#pace")).endswith("×")
    assert re.fullmatch(r"RTF \d+\.\d{3}", await spoken.text("#rtf"))
    assert await spoken.text("#voice-used") == "Tone"
    assert await spoken.text("#voice-language") == "en · tone"
    assert await spoken.text("#length") == await spoken.text("#at") == "0:01.0"


async def test_it_can_be_heard_again_from_anywhere(spoken: Studio) -> None:
    await spoken.page.evaluate("ear.blocks.length = 0")
    await spoken.page.click("#replay")
    await spoken.state("done")
    np.testing.assert_array_equal(await spoken.heard(), await spoken.kept())
    await spoken.page.focus("#wave")
    for key in ("End", "ArrowLeft", "PageUp", "End"):
        await spoken.page.keyboard.press(key)
    await spoken.state("done")
    await expect(spoken.page.locator("#wave")).to_have_attribute("aria-valuetext", "1.0 of 1.0 seconds")


async def test_all_six_formats_are_downloaded(spoken: Studio) -> None:
    begins = {
        "mp3": (b"\xff\xf3", b"\xff\xfb", b"\xff\xf2", b"ID3"),
        "opus": (b"OggS",),
        "aac": (b"\xff\xf1", b"\xff\xf9"),
        "flac": (b"fLaC",),
        "wav": (b"RIFF",),
    }
    links = spoken.page.locator("#formats a")
    assert sorted(await links.all_inner_texts()) == ["aac", "flac", "mp3", "opus", "pcm", "wav"]
    for link in await links.all():
        name = await link.inner_text()
        async with spoken.page.expect_download() as waiting:
            await link.click()
        download = await waiting.value
        assert download.suggested_filename.endswith(f".{name}")
        body = (await download.path()).read_bytes()
        assert body.startswith(begins[name]) if name in begins else len(body) == 2 * 1920 * 13, name


async def test_without_an_audio_thread_the_same_samples_are_heard(visit: Open) -> None:
    """A page from another machine over plain http is no secure context and has no worklets.

    Where the page is kept from drawing for a moment, the browser is silent for as long: then it is heard again.
    """
    studio = await visit(script=NO_WORKLET)
    await studio.speak("Hello there.")
    for _ in range(9):
        if np.array_equal(await studio.heard(), await studio.kept()):
            break
        await studio.page.evaluate("ear.blocks.length = 0")
        await studio.page.click("#replay")
        await studio.state("done")
    np.testing.assert_array_equal(await studio.heard(), await studio.kept())


async def test_what_the_tape_told_before_the_head_was_moved_is_not_believed(visit: Open) -> None:
    """It is at the end, and before the page hears of it somebody goes back to the beginning."""
    studio = await visit(tone_step_ms=1)
    await studio.speak("This is spoken for a while, so that there is something to hear.")
    shown = await studio.page.evaluate("""async () => {
      const press = (key) => document.getElementById("wave").dispatchEvent(new KeyboardEvent("keydown", { key }));
      press("End");
      for (const until = performance.now() + 300; performance.now() < until;);
      press("Home");
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [document.getElementById("stage").dataset.state, document.getElementById("stop").disabled];
    }""")
    assert shown == ["speaking", False]
    await studio.page.keyboard.press("Escape")
    await expect(studio.page.locator("#status")).to_have_text("Stopped")


async def test_a_maker_that_is_too_slow_leaves_gaps_and_the_page_counts_them(visit: Open) -> None:
    studio = await visit(tone_step_ms=110)
    await studio.speak("Slowly now.")
    assert int(await studio.text("#gaps")) >= 1
    assert (await studio.text("#pace")).startswith("0.")


async def test_the_speed_is_another_length_and_the_seed_can_be_kept(visit: Open) -> None:
    studio = await visit()
    await studio.page.click("summary")
    await studio.page.fill("#speed", "2")
    await studio.speak("Twice as fast.")
    assert float((await studio.text("#audio-length")).split()[0]) == pytest.approx(560, abs=15)
    await studio.page.click("#keep-seed")
    assert await studio.page.input_value("#seed") == await studio.text("#seed-used")
    await studio.speak("Again.")
    assert await studio.page.input_value("#seed") == await studio.text("#seed-used")


async def test_wishes_are_asked_for_and_what_is_left_open_is_the_voices_own(visit: Open) -> None:
    studio = await visit()
    await studio.speak("Plain.")
    await studio.page.click("summary")
    await studio.page.fill("#pitch", "-2.5")
    await studio.page.fill("#gain", "3")
    assert await studio.text("#pitch-value") == "−2.5 semitones"
    assert await studio.text("#gain-value") == "+3 dB"
    for wish, value in (("emotion", "cheerful"), ("normalize", "on"), ("markup", "off")):
        await studio.page.select_option(f"#{wish}", value)
    await studio.speak("In 5 min [pause 1s] more.")
    asked, plain = [json.loads((run.path / "input.json").read_bytes()) for run in studio.voiced.runs.list(2)]
    wished = {"pitch": -2.5, "gain": 3, "emotion": "cheerful", "normalize": "on", "markup": "off"}
    assert {name: asked[name] for name in wished} == wished
    assert not {"speed", *wished} & {name for name, value in plain.items() if value is not None}


# --- seen -------------------------------------------------------------------------------------------------------


async def test_the_wave_grows_while_speech_arrives_and_is_coloured_where_it_was_heard(visit: Open) -> None:
    studio = await visit(tone_step_ms=40)
    count = """() => {
      const canvas = document.getElementById("waveform");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const wanted = getComputedStyle(canvas).getPropertyValue("--wave-played").match(/[0-9]+/g).map(Number);
      let inked = 0, played = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 200) inked++;
        if (data[i + 3] > 200 && wanted.every((value, at) => Math.abs(data[i + at] - value) < 3)) played++;
      }
      return [inked, played];
    }"""
    empty, _ = await studio.page.evaluate(count)
    with studio.held(8):
        await studio.ask("aaaaaaaaaaaaaaaa", "speaking")
        await studio.until(f"({count})()[0] > {empty}")
        early, _ = await studio.page.evaluate(count)
    await studio.state("done")
    await studio.until(f"(([inked, played]) => inked > {early} && played > inked / 2)(({count})())")


async def test_axe_finds_nothing_in_light_and_in_dark(visit: Open) -> None:
    studio = await visit(browser={"reduced_motion": "reduce"})
    for scheme in ("light", "dark"):
        await studio.page.emulate_media(color_scheme=scheme)
        assert await studio.violations() == [], scheme
    await studio.speak("Hello.")
    await studio.page.wait_for_selector("li.run")
    await studio.page.click("summary")
    await studio.ask("Καλημέρα σας.", "failed")
    assert await studio.violations() == []
    await studio.page.click("[data-delete]")
    for scheme in ("light", "dark"):
        await studio.page.emulate_media(color_scheme=scheme)
        assert await studio.violations() == [], scheme
    await studio.page.keyboard.press("Escape")
    assert await studio.violations() == []


async def test_colours_can_be_chosen_and_are_remembered(visit: Open) -> None:
    studio = await visit(browser={"color_scheme": "light"})
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await studio.page.evaluate(paper)
    await studio.page.click("#theme")
    assert await studio.page.evaluate(paper) == light
    await studio.page.click("#theme")
    assert await studio.page.get_attribute("#theme", "aria-label") == "Colours: dark"
    dark = await studio.page.evaluate(paper)
    assert dark != light
    await studio.page.reload()
    assert await studio.page.evaluate(paper) == dark


async def test_nothing_is_wider_than_a_small_phone(visit: Open) -> None:
    studio = await visit(browser={"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"})
    await studio.page.click("summary")
    await studio.speak("W" + "o" * 20 + "w")
    await studio.page.wait_for_selector("li.run")
    await studio.ask("Καλημέρα σας.", "failed")
    assert await studio.page.evaluate("document.documentElement.scrollWidth") == 320
    too_wide = """[...document.querySelectorAll("main *")].filter((one) =>
      one.getBoundingClientRect().right > innerWidth + 0.5).map((one) => one.outerHTML.slice(0, 80))"""
    assert await studio.page.evaluate(too_wide) == []


# --- by hand ----------------------------------------------------------------------------------------------------


async def test_everything_works_from_the_keyboard(visit: Open) -> None:
    studio = await visit(tone_step_ms=40)
    page = studio.page
    assert await page.evaluate("document.activeElement.id") == "text"
    await page.keyboard.type("A long sentence that somebody will stop.")
    await page.keyboard.insert_text(" It is a very long one." * 8)
    order = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        order.append(await page.evaluate("document.activeElement.id || document.activeElement.localName"))
        ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid", order
    assert order == ["voice", "language", "speak", "summary"]
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await studio.state("speaking")
    await page.keyboard.press("Escape")
    await expect(page.locator("#status")).to_have_text("Stopped")
    await page.focus("#text")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Short.")
    await page.keyboard.press("Control+Enter")
    await studio.state("done")
    assert await page.input_value("#text") == "Short."


async def test_stop_is_silence_at_once_and_the_maker_stops_too(visit: Open) -> None:
    studio = await visit(tone_step_ms=40)
    text = "This sentence is much too long for anybody to hear it to its very end. " * 4
    await studio.ask(text, "speaking")
    await studio.until("ear.first !== null")
    await studio.page.click("#stop")
    await expect(studio.page.locator("#status")).to_have_text("Stopped")
    await expect(studio.page.locator("#stop")).to_be_disabled()
    async with asyncio.timeout(20):
        while studio.voiced.engine.status().speaking:
            await asyncio.sleep(0.02)
    heard = (await studio.heard()).size
    await studio.page.wait_for_timeout(200)
    assert (await studio.heard()).size == heard < len(text) * FRAME_SAMPLES / 2
    await studio.page.wait_for_selector("li.run .state:text('cancelled')")
    await studio.speak("Again.")
    assert await studio.text("#problem") == ""


async def test_asking_again_begins_anew(visit: Open) -> None:
    studio = await visit(tone_step_ms=40)
    await studio.ask("This sentence will never be heard to its end by anybody. " * 4, "speaking")
    await studio.speak("Short.")
    assert await studio.text("#length") == "0:00.5"
    assert studio.voiced.engine.status().speaking == 0


async def test_languages_follow_the_voice(visit: Open) -> None:
    studio = await visit()
    languages = "[...document.getElementById('language').options].map((option) => option.value)"
    await studio.page.select_option("#language", "de")
    await studio.page.evaluate("document.querySelector('option[value=tone-2]').dataset.languages = 'en fr'")
    await studio.page.select_option("#voice", "tone-2")
    assert await studio.page.evaluate(languages) == ["", "en", "fr"]
    assert await studio.page.input_value("#language") == ""
    await studio.page.select_option("#voice", "")
    assert len(await studio.page.evaluate(languages)) == 11


async def test_what_is_typed_is_spoken_sentence_by_sentence(visit: Open) -> None:
    studio = await visit(tone_step_ms=1)
    page = studio.page
    await page.click(".switch")
    await page.fill("#text", "")
    await page.focus("#text")
    await page.keyboard.type("One two. ")
    await studio.state("speaking")
    await expect(page.locator("#speak")).to_have_text("Finish")
    await page.keyboard.type("Threee")
    await page.keyboard.press("Backspace")
    await page.keyboard.type(" four")
    await page.keyboard.press("Control+Enter")
    await studio.state("done")
    await expect(page.locator("#speak")).to_have_text("Speak")
    assert await studio.text("#gaps") == "0"
    spoken = len("One two.") + len("Three four")
    assert float((await studio.text("#audio-length")).split()[0]) == pytest.approx(spoken * 0.08, abs=0.17)


async def test_what_has_been_said_is_followed_through_every_edit(visit: Open) -> None:
    studio = await visit()
    said = await studio.page.evaluate("""async () => {
      const { Typing } = await import("/static/typing.js");
      const typing = new Typing("Old words. ");
      return [
        typing.write("Old words. New"),
        typing.write("Old words. New ones. "),
        typing.write("Old word. New ones. "),
        typing.write("Old word. New ones. Mo"),
        typing.write("Old word. New ones. More! A"),
        typing.write("Old word. New. More! A"),
        typing.write("Old word. New. More! Any"),
        typing.write("Old word. New. Less! Any "),
        typing.write("你好。再见"),
        typing.finish("你好。再见"),
        typing.finish("你好。再见"),
      ];
    }""")
    assert said == ["", "New ones. ", "", "", "More! ", "", "", "Less! ", "你好。", "再见", ""]


# --- kept -------------------------------------------------------------------------------------------------------


async def test_the_latest_runs_grow_play_and_are_thrown_away(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await expect(page.locator("#no-runs")).to_be_visible()
    await studio.speak("One.")
    await expect(page.locator("li.run")).to_have_count(1)
    await expect(page.locator("#no-runs")).to_be_hidden()
    await page.evaluate("document.querySelector('li.run').marked = true")
    await studio.speak("<b>Two</b> & more.")
    await expect(page.locator("li.run")).to_have_count(2)
    assert await page.locator("li.run .said").all_inner_texts() == ["<b>Two</b> & more.", "One."]
    assert await page.evaluate("document.querySelectorAll('li.run')[1].marked"), "a row that is there stays"
    lasting = await page.evaluate("""async () => {
      const audio = document.querySelectorAll("li.run audio")[1];
      await audio.play();
      return audio.duration;
    }""")
    assert lasting == pytest.approx(0.32, abs=0.01)
    await page.locator("[data-delete]").first.click()
    await page.keyboard.press("Escape")
    await expect(page.locator("li.run")).to_have_count(2)
    await page.locator("[data-delete]").first.click()
    assert await studio.text("#delete-text") == "<b>Two</b> & more."
    await page.click("dialog .danger")
    await expect(page.locator("li.run")).to_have_count(1)
    assert len(studio.voiced.runs.list(10)) == 1
    await page.reload()
    assert await page.locator("li.run .said").all_inner_texts() == ["One."]


async def test_an_answer_that_is_late_brings_nothing_back(visit: Open) -> None:
    studio = await visit(tone_step_ms=1)
    page, go_on, held = studio.page, asyncio.Event(), asyncio.Event()
    await studio.speak("One.")
    await expect(page.locator("li.run")).to_have_count(1)

    async def late(route: Any) -> None:
        answer = await route.fetch()
        held.set()
        await go_on.wait()
        await route.fulfill(response=answer)

    await page.route("**/studio/runs", late)
    await studio.speak("Two.")
    async with asyncio.timeout(20):
        await held.wait()
    await page.click("[data-delete]")
    await page.click("dialog .danger")
    await expect(page.locator("li.run")).to_have_count(0)
    go_on.set()
    await expect(page.locator("li.run .said")).to_have_text(["Two."])
    await page.unroute_all(behavior="wait")


# --- kept out ---------------------------------------------------------------------------------------------------


async def test_a_key_opens_the_house_and_is_kept(visit: Open) -> None:
    studio = await visit(keys={"home": "aGVsbG8gd29ybGQ/+abc/def=="}, browser={"reduced_motion": "reduce"})
    page = studio.page
    await expect(page.locator("h1")).to_have_text("This daemon asks for a key")
    assert await page.evaluate("document.activeElement.id") == "api_key"
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await studio.violations() == [], scheme
    await page.keyboard.type("not the key")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("not one of this daemon’s")
    assert await studio.violations() == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await page.fill("#api_key", " aGVsbG8gd29ybGQ/+abc/def== ")
    await page.click("button[type=submit]")
    await expect(page.locator("#text")).to_be_visible()
    assert await page.evaluate("location.href.includes('api_key')") is False
    await studio.speak("Hello.")
    await page.reload()
    await expect(page.locator("li.run")).to_have_count(1)
    refused = [said for said in studio.complaints if "401" in said or "403" in said]
    assert len(refused) == len(studio.complaints) == 2, "what Chromium says of the two refusals, and nothing else"
    studio.complaints.clear()


# --- gone wrong -------------------------------------------------------------------------------------------------


async def test_a_language_that_nobody_speaks_is_said_in_plain_words(visit: Open) -> None:
    studio = await visit()
    await studio.ask("Καλημέρα σας, τι κάνετε;", "failed")
    problem = await studio.text("#problem")
    assert problem.startswith("That language is not spoken here.")
    assert "German" in problem
    assert await studio.page.get_attribute("#problem", "role") == "alert"
    assert await studio.text("#status") == "Not spoken"
    await studio.speak("Hello.")
    assert await studio.text("#problem") == ""


async def test_nothing_of_the_last_speech_is_left_when_the_next_cannot_be_spoken(visit: Open) -> None:
    studio = await visit()
    await studio.ask("Do re mi fa sol la si do. " * 4, "speaking")
    await studio.ask("…", "failed")
    await studio.page.wait_for_timeout(200)
    for figure in ("first-audio", "audio-length", "pace", "gaps", "voice-used", "seed-used"):
        assert await studio.text(f"#{figure}") == "–", figure
    assert await studio.text("#first-heard") == "from asking"
    assert await studio.text("#voice-language") == "tone"
    assert await studio.page.is_disabled("#keep-seed")


async def test_a_connection_lost_in_the_middle_is_never_called_success(visit: Open) -> None:
    studio = await visit(tone_step_ms=40)
    await studio.ask("This sentence is long enough to be cut in two. " * 4, "speaking")
    for socket in studio.app[SOCKETS]:
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()
    await studio.state("failed")
    assert "lost in the middle" in await studio.text("#problem")
    await studio.page.wait_for_timeout(400)
    assert await studio.text("#status") == "Broken off"
    await studio.speak("Back again.")
    assert await studio.text("#problem") == ""


async def test_a_daemon_that_has_gone_is_named(visit: Open) -> None:
    studio = await visit()
    await studio.stack.aclose()
    await studio.ask("Hello?", "failed")
    await expect(studio.page.locator("#problem")).to_have_text("voiced does not answer. Is it still running?")
    expected = ("ERR_CONNECTION_REFUSED", "Network error")
    assert all(any(known in said for known in expected) for said in studio.complaints), studio.complaints
    studio.complaints.clear()


async def test_an_engine_that_fails_says_so(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = await visit()
    frames = [
        {"type": "header", "sample_rate": 24000, "voice": "tone", "language": "en", "seed": 7},
        b"\x10\x10" * 2400,
        {"type": "error", "code": "speech_failed", "message": "the voice broke"},
        {"type": "end", "reason": "error", "run_id": None, "timing": None, "artifacts": []},
    ]

    def answer(route: Any) -> None:
        def reply(_: str | bytes) -> None:
            for frame in frames:
                route.send(frame if isinstance(frame, bytes) else json.dumps(frame))

        route.on_message(reply)

    await studio.page.route_web_socket("**/ws/speech", answer)
    await studio.page.reload()
    await studio.ask("Hello.", "failed")
    assert await studio.text("#problem") == "The voice broke."
    assert await studio.text("#status") == "Broken off"
