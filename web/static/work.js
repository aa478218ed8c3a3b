// @ts-check
/** One piece of work at a desk: it shows that it is at work, can be cancelled, and says how it went wrong. */
import { complain, desk, part } from "./desk.js";

export class Work {
  #desk;
  /** @type {AbortController | null} */ #stopper = null;
  #firm = false;

  /** @param {Element} at */
  constructor(at) {
    this.#desk = desk(at);
    part(at, "cancel")?.addEventListener("click", () => this.cancel());
  }

  /**
   * Do it, in the place of what was going on; true when it is done. What is firm is not begun twice.
   * @param {string} words @param {(signal: AbortSignal) => Promise<void>} job @param {boolean} firm
   */
  async run(words, job, firm = false) {
    if (this.#firm) return false;
    this.#stopper?.abort();
    const stopper = new AbortController();
    [this.#stopper, this.#firm] = [stopper, firm];
    complain(this.#desk);
    part(this.#desk, "kept")?.replaceChildren();
    this.#show(words, true);
    try {
      await job(stopper.signal);
      return stopper === this.#stopper;
    } catch (error) {
      if (stopper === this.#stopper && !stopper.signal.aborted) complain(this.#desk, error);
      return false;
    } finally {
      if (stopper === this.#stopper) this.#rest("");
    }
  }

  /** Leave it, where something is going on. */
  cancel() {
    if (!this.#stopper) return;
    this.#stopper.abort();
    this.#rest("Cancelled.");
  }

  /** As if nothing had been done here. */
  clear() {
    this.cancel();
    this.say("");
    complain(this.#desk);
    part(this.#desk, "kept")?.replaceChildren();
  }

  /** What came of it. @param {string} words */
  say(words) {
    const status = part(this.#desk, "status");
    if (status) status.textContent = words;
  }

  /** @param {string} words */
  #rest(words) {
    [this.#stopper, this.#firm] = [null, false];
    this.#show(words, false);
  }

  /** @param {string} words @param {boolean} busy */
  #show(words, busy) {
    this.#desk.setAttribute("aria-busy", String(busy));
    this.say(words);
    const button = part(this.#desk, "cancel");
    if (!button) return;
    const first = /** @type {HTMLElement | null} */ (this.#desk.querySelector("button.primary"));
    if (!busy && document.activeElement === button) first?.focus();
    button.hidden = !busy;
  }
}
