// @ts-check
/** Where it sounds: state, clock, wave, figures and downloads. Shows what it is told and decides nothing. */
import { clock, element, span, write } from "./page.js";
import { Waveform } from "./waveform.js";

/** @typedef {"idle" | "asking" | "speaking" | "done" | "failed"} State */
/** @typedef {import("./conversation.js").Timing} Timing */

/** What stands below a figure until there is more to say. */
const NOTES = { "first-heard": "from asking", "made-in": "of speech", rtf: "of real time" };
const FIGURES = ["first-audio", "audio-length", "pace", "gaps", "voice-used", "seed-used"];
// Arrow keys move the head by a second, Page keys by five.
const STEPS = new Map([["ArrowLeft", -1], ["ArrowDown", -1], ["ArrowRight", 1], ["ArrowUp", 1], ["PageDown", -5], ["PageUp", 5]]);

export class Stage {
  #stage = element("stage", HTMLElement);
  #wave = element("wave", HTMLElement);
  #links = /** @type {HTMLAnchorElement[]} */ ([...element("formats", HTMLElement).querySelectorAll("a")]);
  #position;
  #waveform;

  /**
   * @param {() => number} position       where the head is, in seconds
   * @param {(seconds: number) => void} seek  somebody moves the head
   */
  constructor(position, seek) {
    this.#position = position;
    this.#waveform = new Waveform(element("waveform", HTMLCanvasElement), () => this.#at());
    this.#wave.addEventListener("keydown", (event) => this.#key(event, seek));
    this.#wave.addEventListener("pointerdown", (event) => this.#point(event, seek));
  }

  /** @param {State} state @param {string} words */
  show(state, words) {
    this.#stage.dataset.state = state;
    write("status", words);
    this.#waveform.move(state === "speaking");
  }

  /** Empty, for audio at this rate. @param {number} rate */
  clear(rate) {
    this.#waveform.clear(rate);
    this.#links.forEach((link) => this.#unlink(link));
    FIGURES.forEach((id) => write(id, "–"));
    Object.entries(NOTES).forEach(([id, note]) => write(id, note));
    write("length", clock(0));
    this.#slide(false);
    this.tick();
  }

  /** @param {ArrayBuffer} pcm  before it is given away */
  add(pcm) {
    this.#waveform.add(new Int16Array(pcm));
    write("length", clock(this.#waveform.duration));
    write("audio-length", span(this.#waveform.duration * 1000));
  }

  /** All audio is there and may be moved about in. */
  complete() {
    this.#waveform.end();
    this.#slide(this.#waveform.duration > 0);
    this.tick();
  }

  /** @param {Timing | null} timing */
  time(timing) {
    if (!timing) return;
    const { first_audio_ms, audio_ms, wall_ms, rtf } = timing;
    if (first_audio_ms !== null) write("first-audio", span(first_audio_ms));
    if (!audio_ms) return;
    write("audio-length", span(audio_ms));
    write("made-in", `made in ${span(wall_ms)}`);
    if (!rtf) return;
    write("pace", `${(1 / rtf).toFixed(rtf > 0.1 ? 1 : 0)}×`);
    write("rtf", `RTF ${rtf.toFixed(3)}`);
  }

  /** @param {number} milliseconds  from asking to the speakers */
  heard(milliseconds) {
    write("first-heard", `heard after ${span(milliseconds)}`);
  }

  /** @param {string} run */
  offer(run) {
    for (const link of this.#links) {
      const format = link.dataset.format ?? "wav";
      link.href = `/api/v1/runs/${encodeURIComponent(run)}/files/audio.wav?format=${format}`;
      link.download = `voiced-${run}.${format}`;
      link.removeAttribute("aria-disabled");
    }
  }

  /** Whether there is something to play. */
  get playable() {
    return this.#wave.getAttribute("aria-disabled") !== "true";
  }

  /** Bring clock and slider to where the head is. */
  tick() {
    const at = this.#at();
    write("at", clock(at));
    this.#wave.setAttribute("aria-valuenow", at.toFixed(1));
    if (this.playable) this.#wave.setAttribute("aria-valuetext", `${at.toFixed(1)} of ${this.#waveform.duration.toFixed(1)} seconds`);
  }

  #at() {
    return Math.min(this.#position(), this.#waveform.duration);
  }

  /** @param {HTMLAnchorElement} link */
  #unlink(link) {
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
  }

  /** @param {boolean} movable */
  #slide(movable) {
    this.#wave.setAttribute("aria-disabled", String(!movable));
    this.#wave.setAttribute("aria-valuemax", this.#waveform.duration.toFixed(1));
    if (!movable) this.#wave.setAttribute("aria-valuetext", "nothing to play yet");
  }

  /** @param {KeyboardEvent} event @param {(seconds: number) => void} seek */
  #key(event, seek) {
    const { duration } = this.#waveform;
    const step = STEPS.get(event.key);
    const to = event.key === "Home" ? 0 : event.key === "End" ? duration : step && this.#at() + step;
    if (to === undefined || !this.playable) return;
    event.preventDefault();
    seek(Math.max(0, Math.min(duration, to)));
  }

  /** @param {PointerEvent} event @param {(seconds: number) => void} seek */
  #point(event, seek) {
    if (!this.playable) return;
    const { left, width } = element("waveform", HTMLElement).getBoundingClientRect();
    seek(Math.max(0, Math.min(1, (event.clientX - left) / width)) * this.#waveform.duration);
  }
}
