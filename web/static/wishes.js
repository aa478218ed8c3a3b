// @ts-check
/** What is asked for: voice, language, speed, seed and manner, as the form holds them. */
import { element } from "./page.js";

const LIST = new Intl.ListFormat("en");

export class Wishes {
  #voice = element("voice", HTMLSelectElement);
  #language = element("language", HTMLSelectElement);
  #speed = element("speed", HTMLInputElement);
  #seed = element("seed", HTMLInputElement);
  #instruct = element("instruct", HTMLInputElement);
  #languages = [...this.#language.options];

  constructor() {
    this.#voice.addEventListener("change", () => this.#offer());
    this.#speed.addEventListener("input", () => this.#say());
    this.#offer();
    this.#say();
  }

  /** The fields of `start`, without what was left open. */
  read() {
    const seed = this.#seed.value.trim();
    return {
      ...(this.#voice.value && { voice: this.#voice.value }),
      ...(this.#language.value && { language: this.#language.value }),
      ...(seed && { seed: Number(seed) }),
      ...(this.#instruct.value.trim() && { instruct: this.#instruct.value.trim() }),
      speed: this.#speed.valueAsNumber,
    };
  }

  /** Ask for this seed from now on. @param {number} seed */
  keep(seed) {
    this.#seed.value = String(seed);
    this.#seed.closest("details")?.setAttribute("open", "");
    this.#seed.focus();
  }

  /** What a person calls the voice; what stands in brackets tells it from others and is not needed for one. @param {string} id */
  label(id) {
    const option = [...this.#voice.options].find(({ value }) => value === id);
    return option?.text.replace(/\(.*\)/, "").trim() || id;
  }

  /** What the chosen voice speaks, or all voices together, as words. */
  spoken() {
    return LIST.format([...this.#language.options].filter(({ value }) => value).map(({ text }) => text));
  }

  /** Only the languages that the chosen voice speaks. */
  #offer() {
    const spoken = (this.#voice.selectedOptions[0]?.dataset.languages ?? "").split(" ");
    const chosen = this.#language.value;
    this.#language.replaceChildren(...this.#languages.filter(({ value }) => !value || spoken.includes(value)));
    this.#language.value = spoken.includes(chosen) ? chosen : "";
  }

  #say() {
    element("speed-value", HTMLOutputElement).value = `${this.#speed.valueAsNumber.toFixed(2)}×`;
  }
}
