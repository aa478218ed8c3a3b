// @ts-check
/** What is asked for: voice, language, seed and manner, as the form holds them. */
import { element } from "./page.js";

const LIST = new Intl.ListFormat("en");

export class Wishes {
  #voice = element("voice", HTMLSelectElement);
  #language = element("language", HTMLSelectElement);
  #speed = element("speed", HTMLInputElement);
  #pitch = element("pitch", HTMLInputElement);
  #gain = element("gain", HTMLInputElement);
  #seed = element("seed", HTMLInputElement);
  #emotion = element("emotion", HTMLSelectElement);
  #instruct = element("instruct", HTMLInputElement);
  #normalize = element("normalize", HTMLSelectElement);
  #markup = element("markup", HTMLSelectElement);
  #languages = [...this.#language.options];
  #emotions = [...this.#emotion.options];

  constructor() {
    this.#voice.addEventListener("change", () => this.#offer());
    for (const slider of [this.#speed, this.#pitch, this.#gain]) slider.addEventListener("input", () => this.#say());
    this.#offer();
    this.#say();
  }

  /** The fields of `start`, without what was left open: there the voice has defaults of its own. */
  read() {
    const seed = this.#seed.value.trim();
    const [speed, pitch, gain] = [this.#speed, this.#pitch, this.#gain].map((slider) => slider.valueAsNumber);
    return {
      ...(this.#voice.value && { voice: this.#voice.value }),
      ...(this.#language.value && { language: this.#language.value }),
      ...(seed && { seed: Number(seed) }),
      ...(this.#instruct.value.trim() && { instruct: this.#instruct.value.trim() }),
      ...(this.#emotion.value && { emotion: this.#emotion.value }),
      ...(this.#normalize.value && { normalize: this.#normalize.value }),
      ...(this.#markup.value && { markup: this.#markup.value }),
      ...(speed !== 1 && { speed }),
      ...(pitch !== 0 && { pitch }),
      ...(gain !== 0 && { gain }),
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

  /** Only the languages that the chosen voice speaks, and its own moods beside those of the house. */
  #offer() {
    const { languages = "", emotions = "" } = this.#voice.selectedOptions[0]?.dataset ?? {};
    const spoken = languages.split(" ");
    const chosen = this.#language.value;
    this.#language.replaceChildren(...this.#languages.filter(({ value }) => !value || spoken.includes(value)));
    this.#language.value = spoken.includes(chosen) ? chosen : "";
    const mood = this.#emotion.value;
    const house = this.#emotions.map(({ value }) => value);
    const own = emotions.split("\n").filter((name) => name && !house.includes(name));
    this.#emotion.replaceChildren(...this.#emotions, ...own.map((name) => new Option(name)));
    this.#emotion.value = [...house, ...own].includes(mood) ? mood : "";
  }

  #say() {
    const signed = (/** @type {HTMLInputElement} */ slider, /** @type {string} */ unit) =>
      slider.valueAsNumber ? `${slider.valueAsNumber > 0 ? "+" : "−"}${Math.abs(slider.valueAsNumber)} ${unit}` : "as it is";
    element("speed-value", HTMLOutputElement).value = `${this.#speed.valueAsNumber.toFixed(2)}×`;
    element("pitch-value", HTMLOutputElement).value = signed(this.#pitch, "semitones");
    element("gain-value", HTMLOutputElement).value = signed(this.#gain, "dB");
  }
}
