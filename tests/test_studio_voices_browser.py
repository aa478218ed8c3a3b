"""The studio's room for voices in a real Chromium: made, heard, changed, read aloud, and every mistake told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Route, expect

from tests import clips
from tests.live import LiveTone, choice, family
from tests.test_studio_browser import CHROMIUM, Open, Studio, chromium, visits
from tests.test_web_voices import humming

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
]

Family = tuple[LiveTone, LiveTone, LiveTone]

# A microphone that hums.
MICROPHONE = """
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const hum = new OscillatorNode(context, { frequency: 220 });
    const out = new MediaStreamAudioDestinationNode(context);
    hum.connect(new GainNode(context, { gain: 0.25 })).connect(out);
    hum.start();
    await context.resume();
    return out.stream;
  };
"""
# What reaches into the margin at the right.
TOO_WIDE = """(() => {
  const main = document.querySelector("main");
  const most = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight) + 0.5;
  return [...main.querySelectorAll("*")].filter((one) => one.checkVisibility() && !one.closest(".unseen, dialog") &&
    one.getBoundingClientRect().right > most).map((one) => one.outerHTML.slice(0, 120));
})()"""
NO_MICROPHONE = "Object.defineProperty(navigator, 'mediaDevices', { get: () => undefined });"
REFUSED_MICROPHONE = """
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };
"""


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Family:
    tones = family()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    return tones


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """`studio = await visit(**settings)` in the room for voices; afterwards nothing may have been complained about."""
    async with visits(chromium, tmp_path) as begin:

        async def enter(**options: object) -> Studio:
            return await begin(**{"path": "/voices", **options})

        yield enter


async def asked(studio: Studio, method: str, path: str, body: object = None) -> Any:
    """What the API says, asked from the page."""
    script = """async ([method, path, body]) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(path, body ? { method, headers, body: JSON.stringify(body) } : { method });
      return answer.status === 204 ? null : answer.json();
    }"""
    return await studio.page.evaluate(script, [method, path, body])


async def keep(studio: Studio, **voice: object) -> None:
    """A voice that was made before the page was opened."""
    assert "voice" in await asked(studio, "POST", "/api/v1/voices", voice)
    await studio.page.reload()


def voice(studio: Studio, name: str) -> Locator:
    """Its row."""
    return studio.page.locator(f"#shelf [data-voice={name}]")


def forgive(studio: Studio, *statuses: int) -> None:
    """What Chromium says of these refusals, and of nothing else."""
    found = [int(code) for said in studio.complaints for code in re.findall(r"status of (\d+)", said)]
    assert (found, len(studio.complaints)) == (list(statuses), len(statuses)), studio.complaints
    studio.complaints.clear()


def file(name: str, data: bytes) -> Any:
    """For a file input."""
    return {"name": name, "mimeType": "audio/wav", "buffer": data}


# --- who is here ------------------------------------------------------------------------------------------------


async def test_the_rooms_lead_to_each_other(models: Family, visit: Open) -> None:
    studio = await visit()
    assert await studio.page.title() == "Voices · voiced"
    assert await studio.text("nav [aria-current]") == "Voices"
    await studio.page.click("nav >> text=Speak")
    await expect(studio.page.locator("#text")).to_be_visible()
    assert await studio.text("nav [aria-current]") == "Speak"


async def test_a_voice_is_heard_and_stopped(models: Family, visit: Open) -> None:
    studio = await visit()
    button = voice(studio, "tone-2").locator("[data-act=play]")
    await studio.page.fill("#line", "Hello.")
    await button.click()
    await expect(button).to_have_attribute("data-state", "playing")
    await expect(button).to_have_attribute("aria-label", "Stop Tone 2 (test signal)")
    await expect(button).not_to_have_attribute("data-state", "playing")
    heard = await studio.heard()
    assert heard.size == pytest.approx(6 * 1920, abs=400)
    assert heard[0] != int.from_bytes(b"RI", "little"), "the head of the file is no sound"
    assert models[0].lines[-1].speaker == "tone-2"
    await studio.page.fill("#line", "")
    await button.click()
    await expect(button).to_have_attribute("data-state", "playing")
    other = voice(studio, "tone").locator("[data-act=play]")
    await other.click()
    await expect(button).to_have_attribute("aria-label", "Play Tone 2 (test signal)")
    await expect(other).to_have_attribute("data-state", "playing")
    await studio.page.keyboard.press("Escape")
    await expect(other).to_have_attribute("aria-label", "Play Tone (test signal)")


async def test_a_voice_that_cannot_be_heard_says_why_in_its_row(models: Family, visit: Open) -> None:
    studio = await visit()
    await studio.page.fill("#line", "…")
    await voice(studio, "tone").locator("[data-act=play]").click()
    await expect(voice(studio, "tone").locator("[data-problem]")).to_contain_text("no word")
    await expect(voice(studio, "tone").locator("[data-act=play]")).to_have_attribute(
        "aria-label", "Play Tone (test signal)"
    )
    assert await studio.page.input_value("#line") == "…"
    forgive(studio, 422)


async def test_a_preset_is_adapted_edited_renamed_exported_and_deleted(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await voice(studio, "tone").locator("[data-act=adapt]").click()
    await expect(page.locator("#profile")).to_be_visible()
    await page.fill("#profile-label", "Bedtime")
    await page.fill("#profile-speed", "0,9")
    await page.fill("#profile-instruct", "Softly.")
    await page.click("#profile-form .primary")
    await expect(page.locator("#profile")).to_be_hidden()
    row = voice(studio, "bedtime")
    await expect(row.locator(".name")).to_contain_text("Bedtime")
    async with page.expect_download() as waiting:
        await row.locator("[data-act=export]").click()
    assert (await waiting.value).suggested_filename == "bedtime.voice.zip"
    bundle = {
        "name": "b.zip",
        "mimeType": "application/zip",
        "buffer": (await (await waiting.value).path()).read_bytes(),
    }

    await row.locator("[data-act=edit]").click()
    await expect(page.locator("#profile-speed")).to_have_value("0.9")
    assert await page.is_hidden("#profile-agreed"), "it has no recording"
    await page.fill("#profile-label", "Good night")
    await page.fill("#profile-id", "night")
    await page.fill("#profile-pitch", "-3")
    await page.fill("#profile-speed", "")
    await page.select_option("#profile-language", "de")
    await page.click("#profile-form .primary")
    row = voice(studio, "night")
    await expect(row.locator("[data-act=edit]")).to_be_focused()
    told = await asked(studio, "GET", "/api/v1/voices/night")
    assert (told["label"], told["aliases"]) == ("Good night", ["bedtime"])
    given = {"language": "de", "pitch": -3.0, "speed": None, "instruct": "Softly.", "seed": None}
    assert given.items() <= told["defaults"].items()

    await row.locator("[data-act=delete]").click()
    await expect(page.locator("#delete-text")).to_have_text("Good night")
    await page.keyboard.press("Escape")
    await expect(row).to_be_visible()
    await row.locator("[data-act=delete]").click()
    await page.click("dialog .danger")
    await expect(row).to_have_count(0)
    await expect(page.locator("#shelf [data-act=play] >> nth=0")).to_be_focused()
    assert (await asked(studio, "GET", "/api/v1/voices/night"))["error"]["code"] == "not_found"
    forgive(studio, 404)

    await page.click("#tab-file")
    await page.set_input_files("#bundle", file("b.zip", b"no bundle"))
    await page.click("#bring .primary")
    await expect(page.locator("#bring [data-problem]")).not_to_be_empty()
    forgive(studio, 422)
    await page.set_input_files("#bundle", bundle)
    await page.fill("#bring-id", "back")
    await page.click("#bring .primary")
    await expect(page.locator("#bring [data-kept]")).to_contain_text("Here is Bedtime, at every door as back.")
    await expect(voice(studio, "back")).to_be_visible()


async def test_what_is_wrong_with_a_profile_is_told_and_nothing_typed_is_lost(models: Family, visit: Open) -> None:
    studio = await visit()
    await keep(studio, kind="preset", speaker="tone", id="mine", defaults={"sampling": {"top_k": 7}})
    page = studio.page
    await voice(studio, "mine").locator("[data-act=edit]").click()
    await expect(page.locator("#profile")).to_be_visible()
    await page.fill("#profile-speed", "nine")
    await page.fill("#profile-label", "Still mine")
    await page.click("#profile-form .primary")
    problem = page.locator("#profile-form [data-problem]")
    await expect(problem).to_contain_text("Speed, times: Input should be a valid number")
    await expect(page.locator("#profile-speed")).to_have_attribute("aria-invalid", "true")
    await page.fill("#profile-speed", "2")
    await page.fill("#profile-id", "tone")
    await page.click("#profile-form .primary")
    await expect(problem).to_contain_text("there is a voice 'tone' already", ignore_case=True)
    assert await page.input_value("#profile-label") == "Still mine"
    await page.fill("#profile-id", "mine")
    await page.click("#profile-form .primary")
    await expect(page.locator("#profile")).to_be_hidden()
    told = await asked(studio, "GET", "/api/v1/voices/mine")
    assert (told["label"], told["defaults"]["speed"]) == ("Still mine", 2.0)
    assert told["defaults"]["sampling"] == {"top_k": 7}, "what the form has no field for stays"
    forgive(studio, 400, 409)


async def test_an_answer_that_is_late_brings_nothing_back(models: Family, visit: Open) -> None:
    studio = await visit()
    page, go_on, asked_for = studio.page, asyncio.Event(), list[Any]()
    for name in ("one", "two"):
        await keep(studio, kind="preset", speaker="tone", id=name)

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked_for.append(answer)
        if len(asked_for) == 1:
            await go_on.wait()
        await route.fulfill(response=answer)

    await page.route("**/voices", late)
    for number, name in enumerate(("one", "two"), 1):
        await voice(studio, name).locator("[data-act=delete]").click()
        await page.click("dialog .danger")
        async with asyncio.timeout(20):
            while len(asked_for) < number:
                await asyncio.sleep(0.01)
    await expect(voice(studio, "two")).to_have_count(0)
    await expect(voice(studio, "one")).to_have_count(0)
    go_on.set()
    await page.unroute_all(behavior="wait")
    assert (
        await page.evaluate(
            "new Promise((done) => setTimeout(() => done(document.querySelectorAll('[data-voice=two]').length), 100))"
        )
        == 0
    )


async def test_broken_profiles_and_missing_models_are_told(visit: Open) -> None:
    studio = await visit(engine="builtin")
    page = studio.page
    await keep(studio, kind="clone", audio=await base64(page, humming()), label="Hum", force=True)
    (studio.voiced.store.folder / "profiles" / "bent.json").write_text('{"schema": 1, "id": "bent"')
    await asyncio.sleep(0.3)  # the folder is looked at five times a second
    await page.reload()
    await expect(page.locator("[aria-label='Broken profiles']")).to_contain_text("bent.json is left alone")
    await expect(voice(studio, "hum")).to_contain_text("voiced models pull qwen3-tts-0.6b-base")
    assert await voice(studio, "hum").locator("[data-act=play]").count() == 0
    await page.click(".away summary")
    await expect(page.locator(".away > .help")).to_contain_text("voiced models pull qwen3-tts-0.6b-customvoice")
    await expect(voice(studio, "vivian")).to_be_visible()
    await expect(page.locator("#recording .notice")).to_contain_text("voiced models pull qwen3-tts-0.6b-base")
    await page.click("#tab-description")
    await expect(page.locator("#description .notice")).to_contain_text("voiced models pull qwen3-tts-1.7b-voicedesign")
    await expect(page.locator("#audition .primary")).to_be_disabled()
    await page.click("#tab-mix")
    await expect(page.locator("#no-mix")).to_contain_text("voiced models pull qwen3-tts-0.6b-customvoice")
    await expect(page.locator("#mix .primary")).to_be_hidden()
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate(TOO_WIDE) == []


async def base64(page: Any, data: bytes) -> str:
    return str(await page.evaluate("(bytes) => btoa(String.fromCharCode(...bytes))", list(data[:60_000])))


# --- from a recording -------------------------------------------------------------------------------------------


async def test_a_voice_is_cloned_from_a_file_with_its_findings_shown(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.set_input_files("#file", file("hum.wav", humming()))
    findings = page.locator("#findings")
    await expect(findings.locator("[data-level=error]")).to_contain_text("speech")
    await expect(findings).to_contain_text("5.0 seconds")
    await page.fill("#recording-label", "Hum")
    await page.click("#recording .primary")
    await expect(page.locator("#recording > [data-problem]")).to_contain_text("No voice can be made of this recording")
    assert await page.input_value("#recording-label") == "Hum"
    forgive(studio, 422)

    await page.set_input_files("#file", file("fox.wav", clips.wav(clips.spoken(text=clips.SHORT))))
    await expect(findings).to_contain_text("no transcript")
    await page.fill("#transcript", clips.SHORT)
    await page.fill("#trial", "Hi there.")
    await page.fill("#recording-label", "Fox")
    await expect(findings).to_contain_text("Nothing is wrong with it.")
    await page.focus("#trial")
    await page.keyboard.press("Enter")
    await expect(page.locator("#recording [data-play=clone]")).to_have_text("Stop")
    await expect(page.locator("#recording [data-play=clone]")).to_have_text("Hear it")
    assert [line.voice_prompt is not None for line in models[2].lines] == [True]
    await expect(voice(studio, "fox")).to_have_count(0)
    await page.fill("#consent", "the fox's own wish")
    await page.click("#recording .primary")
    await expect(page.locator("#recording [data-kept]")).to_contain_text("Kept as Fox, at every door as fox.")
    await expect(voice(studio, "fox")).to_be_visible()
    told = await asked(studio, "GET", "/api/v1/voices/fox")
    assert (told["kind"], told["model"]) == ("clone", "cloner")
    assert (told["reference"]["transcript"], told["reference"]["consent"]) == (clips.SHORT, "the fox's own wish")
    await page.click("#recording [data-kept] [data-act=play]")
    await expect(page.locator("#recording [data-kept] [data-act=play]")).to_have_text("Stop")


async def test_what_is_no_recording_is_refused_and_another_can_be_chosen(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.click("#recording [data-play=clone]")
    await expect(page.locator("#recording > [data-problem]")).to_contain_text("There is no recording yet")
    await page.set_input_files("#file", file("notes.wav", b"these are no samples"))
    await expect(page.locator(".step [data-problem]")).not_to_be_empty()
    await expect(page.locator("#findings")).to_be_hidden()
    await page.set_input_files("#file", file("hum.wav", humming()))
    await expect(page.locator("#findings")).to_be_visible()
    await expect(page.locator(".step [data-problem]")).to_be_empty()
    await page.fill("#recording-label", "Hum")
    await page.check("#force")
    await page.click("#recording .primary")
    await expect(page.locator("#recording [data-kept]")).to_contain_text("Kept as Hum")
    assert len(studio.complaints) == 1, "Chromium told of one refusal"
    studio.complaints.clear()


async def test_a_file_can_be_dropped(models: Family, visit: Open) -> None:
    studio = await visit()
    await studio.page.evaluate(
        """(bytes) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(bytes)], "hum.wav", { type: "audio/wav" }));
          const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          document.getElementById("transcript").dispatchEvent(event);
        }""",
        list(humming(3)),
    )
    await expect(studio.page.locator("#findings")).to_contain_text("3.0 seconds")


async def test_a_voice_is_recorded(models: Family, visit: Open) -> None:
    studio = await visit(script=MICROPHONE)
    page = studio.page
    await page.click("#record")
    await expect(page.locator("#record")).to_have_text("Stop")
    await expect(page.locator("#recorded")).to_have_text(re.compile(r"0:01\.\d"))
    assert await page.evaluate("document.getElementById('loudness').value") == pytest.approx(0.25, abs=0.03)
    await page.click("#record")
    await expect(page.locator("#findings")).to_contain_text(re.compile(r"1\.\d seconds"))
    await expect(page.locator("#record")).to_have_text("Record")
    (kept,) = [path for path in studio.voiced.settings.data_dir.rglob("*.wav") if "voiced" not in path.name]
    samples = kept.read_bytes()
    assert samples[:4] == b"RIFF"
    assert max(abs(int.from_bytes(samples[i : i + 2], "little", signed=True)) for i in range(44, 60_000, 2)) == (
        pytest.approx(8192, rel=0.1)
    )


@pytest.mark.parametrize(("script", "told"), [(NO_MICROPHONE, "over https"), (REFUSED_MICROPHONE, "does not let")])
async def test_a_microphone_that_is_not_given(models: Family, visit: Open, script: str, told: str) -> None:
    studio = await visit(script=script)
    await studio.page.click("#record")
    await expect(studio.page.locator(".step [data-problem]")).to_contain_text(told)
    await expect(studio.page.locator("#record")).to_have_text("Record")


# --- from a description -----------------------------------------------------------------------------------------


async def test_an_audition_is_held_heard_and_a_take_locked(models: Family, visit: Open) -> None:
    studio = await visit(path="/voices#description")
    page = studio.page
    await expect(page.locator("#none-held")).to_be_visible()
    await page.fill("#sketch", "<b>An old sailor</b>, hoarse and slow")
    await page.fill("#audition-text", "Ahoy there.")
    await page.select_option("#takes", "2")
    await page.click("#audition .primary")
    await expect(page.locator("#held > li")).to_have_count(1)
    await expect(page.locator("#held summary")).to_be_focused()
    assert await studio.text("#held .sketch") == "<b>An old sailor</b>, hoarse and slow"
    assert [line.instruct for line in models[1].lines] == ["<b>An old sailor</b>, hoarse and slow"] * 2
    await page.click("#held .take:nth-of-type(2) [data-act=play]")
    await expect(page.locator("#held .take:nth-of-type(2) [data-act=play]")).to_have_attribute("data-state", "playing")
    await expect(page.locator("#held [data-state]")).to_have_count(0)
    assert (await studio.heard()).size == pytest.approx(11 * 1920, abs=400)

    await page.fill("#held [name=label]", "Sailor")
    await page.fill("#held [name=id]", "tone")
    await page.check("#held [value='2']")
    await page.click("#held .primary")
    await expect(page.locator("#held [data-problem]")).to_contain_text("already")
    forgive(studio, 409)
    await page.fill("#held [name=id]", "")
    await page.click("#held .primary")
    await expect(page.locator("#held [data-kept]")).to_contain_text("Kept as Sailor, at every door as sailor.")
    told = await asked(studio, "GET", "/api/v1/voices/sailor")
    assert told["kind"] == "clone"
    assert "take 2" in told["origin"]

    await page.fill("#held [name=label]", "Not yet kept")
    await page.fill("#sketch", "A cheerful girl")
    await page.click("#audition .primary")
    await expect(page.locator("#held > li")).to_have_count(2)
    assert await page.input_value("#held > li:nth-child(2) [name=label]") == "Not yet kept"
    await page.reload()
    assert await page.locator("#held .sketch").all_inner_texts() == [
        "A cheerful girl", "<b>An old sailor</b>, hoarse and slow",
    ]  # fmt: skip
    await page.click("#held > li:first-child [data-act=forget]")
    await page.click("dialog .danger")
    await expect(page.locator("#held > li")).to_have_count(1)


async def test_an_audition_is_cancelled(monkeypatch: pytest.MonkeyPatch, visit: Open) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*family(step_ms=100)))
    studio = await visit(path="/voices#description")
    page = studio.page
    await page.fill("#sketch", "Somebody who takes a long time")
    await page.click("#audition .primary")
    await expect(page.locator("#audition [data-status]")).to_have_text("3 takes are spoken…")
    await expect(page.locator("#audition")).to_have_attribute("aria-busy", "true")
    await page.click("#audition [data-cancel]")
    await expect(page.locator("#audition [data-status]")).to_have_text("Cancelled.")
    await expect(page.locator("#audition [data-cancel]")).to_be_hidden()
    await expect(page.locator("#audition .primary")).to_be_focused()
    async with asyncio.timeout(20):
        while studio.voiced.engine.status().speaking:
            await asyncio.sleep(0.02)
    assert await page.input_value("#sketch") == "Somebody who takes a long time"
    await expect(page.locator("#held > li")).to_have_count(0)


# --- a mix ------------------------------------------------------------------------------------------------------


async def test_a_mix_is_kept_heard_and_changed(models: Family, visit: Open) -> None:
    studio = await visit(path="/voices#mix")
    page = studio.page
    assert await page.locator("#shares output").all_inner_texts() == ["50 %", "50 %"]
    await page.locator("#shares input >> nth=0").fill("75")
    await page.locator("#shares input >> nth=1").fill("25")
    assert await page.locator("#shares output").all_inner_texts() == ["75 %", "25 %"]
    await page.fill("#mix-label", "In between")
    await page.click("#mix .primary")
    await expect(page.locator("#mix [data-kept]")).to_contain_text("Kept as In between, at every door as in-between.")
    await page.click("#mix [data-kept] [data-act=play]")
    await expect(page.locator("#mix [data-kept] [data-act=play]")).to_have_attribute("data-state", "playing")
    assert models[0].blended == [[("tone", 75.0), ("tone-2", 25.0)]]
    await page.keyboard.press("Escape")

    await page.locator("#shares input >> nth=1").fill("75")
    await page.click("#another")
    await expect(page.locator("#shares .share")).to_have_count(3)
    await page.locator("#shares [data-act=less] >> nth=2").click()
    await expect(page.locator("#mix .primary")).to_have_text("Keep the change")
    await page.click("#mix .primary")
    await expect(page.locator("#mix [data-kept]")).to_contain_text("Changed: In between")
    told = await asked(studio, "GET", "/api/v1/voices/in-between")
    assert {share["voice"]: share["weight"] for share in told["shares"]} == {"tone": 75.0, "tone-2": 75.0}
    await page.click("#afresh")
    await expect(page.locator("#mix .primary")).to_have_text("Keep it")
    assert await page.input_value("#mix-label") == ""


async def test_only_voices_of_one_model_are_offered_for_a_mix(models: Family, visit: Open) -> None:
    studio = await visit(path="/voices#mix")
    page = studio.page
    assert await page.locator("#shares select >> nth=0").locator("option").all_inner_texts() == [
        "Tone (test signal)", "Tone 2 (test signal)",
    ]  # fmt: skip
    await page.click("#tab-recording")
    await page.set_input_files("#file", file("hum.wav", humming()))
    await page.fill("#recording-label", "Hum")
    await page.check("#force")
    await page.click("#recording .primary")
    await expect(page.locator("#recording [data-kept]")).to_contain_text("Kept")
    await page.click("#tab-mix")
    await page.locator("#shares select >> nth=0").select_option("hum")
    second = page.locator("#shares select >> nth=1")
    await expect(second).to_have_value("hum")
    assert await second.evaluate("(one) => [...one.children].map((group) => [group.label, group.disabled])") == [
        ["cloner", False], ["tone", True],
    ]  # fmt: skip


# --- how it is read ---------------------------------------------------------------------------------------------


async def test_a_text_is_shown_as_it_is_spoken(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.select_option("#read-numbers", "on")
    await page.fill("#typed", "😀 It is 21 °C. [pause 500ms][voice tone-2]Plain words.[/voice]")
    aloud = page.locator("#aloud")
    await expect(aloud.locator(".typed mark")).to_have_text("21 °C")
    assert await aloud.locator(".spoken mark").all_inner_texts() == ["twenty-one degrees Celsius"]
    await expect(aloud.locator(".pause")).to_have_text("0.5 s of silence")
    assert [(await row.inner_text()).split()[0] for row in await aloud.locator(".facts").all()] == ["tone", "tone-2"]
    await expect(aloud.locator(".spoken >> nth=1")).to_have_text("Plain words.")
    await expect(aloud.locator(".typed")).to_have_count(1)
    await page.click("#reading [data-act=play]")
    await expect(page.locator("#reading [data-act=play]")).to_have_text("Stop")
    await page.keyboard.press("Escape")
    await page.fill("#typed", "")
    await expect(aloud).to_have_text("As it will be spoken.")


async def test_words_of_another_language_are_marked(models: Family, visit: Open) -> None:
    studio = await visit()
    await studio.page.select_option("#read-numbers", "on")
    await studio.page.select_option("#read-language", "en")
    await studio.page.fill("#typed", "They said 你好 to me.")
    foreign = studio.page.locator("#aloud .typed [lang=zh]")
    await expect(foreign).to_contain_text("你好")
    await expect(foreign.locator(".tongue")).to_have_text("zh")


async def test_tags_that_cannot_be_obeyed(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.select_option("#read-tags", "on")
    await page.fill("#typed", "Good [shout]morning.")
    await expect(page.locator("#aloud .finding")).to_contain_text("[shout] is no tag")
    await page.select_option("#read-tags", "strict")
    await expect(page.locator("#reading [data-problem]")).to_contain_text("[shout]")
    assert await page.input_value("#typed") == "Good [shout]morning."
    await page.select_option("#read-tags", "")
    await expect(page.locator("#reading [data-problem]")).to_be_empty()
    forgive(studio, 422)


async def test_the_lexicon_is_edited_and_heard_at_once(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.fill("#typed", "Call Ngô.")
    await expect(page.locator("#aloud .spoken")).to_have_text("Call Ngô.")
    await page.fill("#word", "Ngô")
    await page.fill("#say", "n go")
    await page.select_option("#word-voice", "tone")
    await page.click("#lexicon .primary")
    await expect(page.locator("#words li")).to_have_count(1)
    await expect(page.locator("#words li")).to_contain_text("tone")
    await expect(page.locator("#word")).to_be_focused()
    assert await page.input_value("#word") == await page.input_value("#say") == ""
    await expect(page.locator("#aloud .spoken mark")).to_have_text("n go")
    await page.check("#lexicon [name=regex]")
    await page.fill("#word", "(a+)+b")
    await page.fill("#say", "x")
    await page.click("#lexicon .primary")
    await expect(page.locator("#lexicon [data-problem]")).not_to_be_empty()
    assert await page.input_value("#word") == "(a+)+b"
    forgive(studio, 422)
    await page.click("#words [data-act=less]")
    await expect(page.locator("#words li")).to_have_count(0)
    await expect(page.locator("#aloud .spoken mark")).to_have_count(0)
    await expect(page.locator("#words ul")).to_be_focused()


# --- for everybody ----------------------------------------------------------------------------------------------


async def test_axe_finds_nothing_in_any_room_colour_or_width(models: Family, visit: Open) -> None:
    studio = await visit(browser={"reduced_motion": "reduce"}, path="/voices#description")
    page = studio.page
    await keep(studio, kind="preset", speaker="tone", id="mine")
    (studio.voiced.store.folder / "profiles" / "bent.json").write_text("{")
    await page.fill("#sketch", "Somebody")
    await page.click("#audition .primary")
    await expect(page.locator("#held > li")).to_have_count(1)
    await page.fill("#typed", "On 3 May 😀. [pause 1s] 你好 they said.")
    await page.select_option("#read-numbers", "on")
    await page.fill("#word", "Ngô")
    await page.click("#lexicon .primary")
    await expect(page.locator("#words li")).to_have_count(1)
    await page.set_input_files("#file", file("hum.wav", humming()))
    await expect(page.locator("#findings [data-level]").first).to_be_attached()
    for width, scheme in ((1100, "light"), (1100, "dark"), (320, "light")):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)
        for tab in ("recording", "description", "mix", "file"):
            await page.click(f"#tab-{tab}")
            assert await studio.violations() == [], (width, scheme, tab)
        await voice(studio, "mine").locator("[data-act=edit]").click()
        await expect(page.locator("#profile")).to_be_visible()
        assert await studio.violations() == [], (width, scheme, "edit")
        await page.keyboard.press("Escape")


async def test_nothing_is_wider_than_a_small_phone(models: Family, visit: Open) -> None:
    studio = await visit(browser={"viewport": {"width": 320, "height": 640}})
    page = studio.page
    long = "W" + "o" * 60 + "w"
    await keep(studio, kind="preset", speaker="tone", label=long, id="o" * 64)
    await page.fill("#typed", f"{long} on 3 May.")
    await page.fill("#word", long)
    await page.fill("#say", long)
    await page.click("#lexicon .primary")
    await expect(page.locator("#words li")).to_have_count(1)
    await page.click("#tab-description")
    await page.fill("#sketch", long)
    await page.click("#audition .primary")
    await expect(page.locator("#held > li")).to_have_count(1)
    for tab in ("recording", "description", "mix", "file"):
        await page.click(f"#tab-{tab}")
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, tab
        assert await page.evaluate(TOO_WIDE) == [], tab


async def test_tabs_answer_to_arrow_keys(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.focus("#tab-recording")
    for key, tab in (
        ("ArrowRight", "description"),
        ("End", "file"),
        ("ArrowRight", "recording"),
        ("ArrowLeft", "file"),
    ):
        await page.keyboard.press(key)
        await expect(page.locator(f"#tab-{tab}")).to_be_focused()
        await expect(page.locator(f"#panel-{tab}")).to_be_visible()
        assert await page.locator("[role=tabpanel]:visible").count() == 1


async def test_a_daemon_that_has_gone_is_named(models: Family, visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.fill("#word", "HA")
    await page.fill("#say", "Home Assistant")
    await studio.stack.aclose()
    await page.click("#lexicon .primary")
    await expect(page.locator("#lexicon [data-problem]")).to_have_text(
        "voiced does not answer. Is it still running?", ignore_case=True
    )
    assert await page.input_value("#say") == "Home Assistant"
    assert all("ERR_CONNECTION_REFUSED" in said for said in studio.complaints)
    studio.complaints.clear()
