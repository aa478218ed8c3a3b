// @ts-check
/** What the page lets hear: one thing at a time, by buttons that play and then stop. */
import { complain } from "./desk.js";
import { Player } from "./player.js";

/** @typedef {(button: HTMLElement, signal: AbortSignal) => Promise<Response>} Source  a WAV file, maybe still being made */

const LOST = "the connection to voiced was lost in the middle: what you heard is not all of it";
// What every model here speaks with; another rate costs opening the speakers again.
const RATE = 24000;
// All WAV files of ours begin with as many bytes; the rate stands at the 24th.
const HEAD = 44;

export class Sound {
  #player = new Player();
  #source;
  /** @type {HTMLElement | null} */ #button = null;
  /** @type {AbortController | null} */ #stopper = null;
  #key = "";
  #state = "";
  #rate = RATE;
  #arrived = false;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
    this.#player.onreport = ({ finished }) => {
      if (finished && this.#arrived) this.stop();
    };
    document.addEventListener("renewed", () => this.#find());
  }

  /** Play what the button stands for, or stop it. @param {HTMLElement} button */
  async toggle(button) {
    const same = button === this.#button;
    this.stop();
    if (same) return;
    const stopper = new AbortController();
    [this.#button, this.#stopper, this.#arrived] = [button, stopper, false];
    this.#key = button.closest("[data-key]")?.getAttribute("data-key") ?? "";
    this.#show("asking");
    complain(button);
    try {
      await this.#open(RATE); // now, while the browser still sees the click
      await this.#hear(await this.#source(button, stopper.signal), stopper);
    } catch (error) {
      if (stopper !== this.#stopper) return;
      this.stop();
      complain(button, error);
    }
  }

  stop() {
    this.#stopper?.abort();
    this.#stopper = null;
    this.#player.hold();
    this.#player.end();
    this.#show("");
    this.#button = null;
  }

  /** @param {number} rate */
  async #open(rate) {
    this.#rate = rate;
    await this.#player.open(rate, false).catch(({ message }) => {
      throw new Error(`This browser makes no sound: ${message}`);
    });
  }

  /** @param {Response} answer @param {AbortController} stopper */
  async #hear(answer, stopper) {
    const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
    const next = () => reader.read().catch(() => Promise.reject(new Error(LOST)));
    let rest = new Uint8Array();
    let begun = false;
    for (let read = await next(); !read.done; read = await next()) {
      rest = joined(rest, read.value);
      if (stopper !== this.#stopper) return;
      if (!begun && rest.length < HEAD) continue;
      if (!begun) {
        const rate = new DataView(rest.buffer).getUint32(24, true);
        if (rate !== this.#rate) await this.#open(rate);
        rest = rest.slice(HEAD);
        begun = true;
        this.#show("playing");
      }
      const whole = rest.length - (rest.length % 2);
      this.#player.write(rest.slice(0, whole).buffer);
      rest = rest.slice(whole);
    }
    if (stopper !== this.#stopper) return;
    this.#arrived = true;
    this.#player.end();
  }

  /** The list with the button in it has been made anew: the same thing has another button now. */
  #find() {
    if (!this.#button || this.#button.isConnected) return;
    this.#button = document.querySelector(`[data-key="${CSS.escape(this.#key)}"] [data-act=play]`);
    if (this.#button) this.#show(this.#state);
    else this.stop();
  }

  /** @param {string} state */
  #show(state) {
    this.#state = state;
    const button = this.#button;
    if (!button) return;
    if (state) button.dataset.state = state;
    else delete button.dataset.state;
    const word = /** @type {HTMLElement | null} */ (button.querySelector("[data-word]"));
    if (word) word.textContent = state ? "Stop" : word.dataset.word ?? "";
    else button.setAttribute("aria-label", `${state ? "Stop" : "Play"} ${button.dataset.what}`);
  }
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function joined(one, other) {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
