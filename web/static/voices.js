// @ts-check
/** The room for voices: who is here, how new ones are made, how a text is read. */
import { send } from "./api.js";
import { Auditions } from "./audition.js";
import { Bring } from "./bring.js";
import { Lexicon } from "./lexicon.js";
import { Mix } from "./mix.js";
import { element } from "./page.js";
import { Reading } from "./reading.js";
import { Recording } from "./recording.js";
import { Shelf } from "./shelf.js";
import { Sound } from "./sound.js";
import { tabs } from "./tabs.js";

const recording = new Recording();
const reading = new Reading();
const lexicon = new Lexicon();
new Shelf();
new Auditions();
new Mix();
new Bring();
lexicon.onchange = () => void reading.read();

const sound = new Sound((button, signal) => {
  const { play = "" } = button.dataset;
  if (play === "clone") return recording.speak(signal);
  if (play === "reading") return reading.speak(signal);
  if (play === "voice") return preview(button.closest("[data-voice]")?.getAttribute("data-voice") ?? "", signal);
  return send("GET", play, null, signal);
});

/** @param {string} voice @param {AbortSignal} signal */
function preview(voice, signal) {
  const line = element("line", HTMLInputElement).value.trim() || null;
  return send("POST", `/api/v1/voices/${voice}/preview`, { text: line, format: "wav" }, signal);
}

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-act=play]");
  if (button instanceof HTMLElement) void sound.toggle(button);
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !document.querySelector("dialog[open]")) sound.stop();
});
tabs(/** @type {HTMLElement} */ (document.querySelector("[role=tablist]")));
