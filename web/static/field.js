// @ts-check
/** One option of a pipeline as a field of the form: its name, what stands in it, what it means, what is wrong with it. */
import { control, plain, read, write } from "./control.js";
import { make, sentence } from "./page.js";

/** @typedef {import("./control.js").Schema} Schema */

const CALLED = new Map(Object.entries({
  audio: "Kind of file", budget: "Letters in one go", cast: "Cast", choose: "Which take", codes: "Codes as",
  description: "Who speaks, and how", emotion: "Mood", fit: "What is too long", gain: "Gain, dB", instruct: "How to say it",
  loudness: "Loudness, LUFS", max_stretch: "Stretched at most, times", names: "Names before a colon", pitch: "Pitch, semitones",
  sample_rate: "Sample rate, Hz", speed: "Speed, times", template: "Names of files", verify: "Listened to",
}));

/** What a person calls it. @param {string} name */
function called(name) {
  const known = CALLED.get(name);
  const words = name.replace(/_ms$/, ", ms").replaceAll("_", " ");
  return known ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export class Field {
  /** With all that belongs to it. */ element = make("div", "field");
  name;
  #schema;
  #control;
  #help;

  /** @param {string} name @param {Schema} schema @param {import("./control.js").Control} [made]  one that knows who is here */
  constructor(name, schema, made) {
    this.name = name;
    this.#schema = schema;
    this.#control = made ?? control(name, schema);
    this.#control.id = `option-${name}`;
    this.#control.name = name;
    this.#help = make("p", "help", this.#meaning());
    this.#help.id = `option-${name}-help`;
    this.element.append(...this.#labelled(), this.#help);
    this.value = undefined;
    this.complain("");
  }

  /** What is asked for; undefined where it is what would be done anyway. @returns {unknown} */
  get value() {
    const value = read(this.#control, this.#schema);
    const left = value === null && !plain(this.#schema).nullable;
    return left || JSON.stringify(value) === JSON.stringify(this.#anyway) ? undefined : value;
  }

  /** Undefined for what would be done anyway. @param {unknown} value */
  set value(value) {
    write(this.#control, value === undefined ? this.#shown : value);
  }

  /** Say what is wrong with it; nothing where nothing is. @param {string} message */
  complain(message) {
    this.element.querySelector(".mistake")?.remove();
    this.#control.toggleAttribute("aria-invalid", false);
    this.#control.setAttribute("aria-describedby", this.#help.id);
    if (!message) return;
    const told = make("p", "mistake", sentence(message));
    told.id = `option-${this.name}-mistake`;
    this.#help.before(told);
    this.#control.setAttribute("aria-invalid", "true");
    this.#control.setAttribute("aria-describedby", `${told.id} ${this.#help.id}`);
  }

  focus() {
    this.#control.focus();
  }

  /** Whether it is a box to tick. */
  get ticks() {
    return this.#control instanceof HTMLInputElement && this.#control.type === "checkbox";
  }

  /** What is done where nothing is asked for. */
  get #anyway() {
    return this.#schema.default ?? (plain(this.#schema).schema.type === "object" ? {} : null);
  }

  /** What stands there at first: where emptying a field says something else than leaving it, all of it. */
  get #shown() {
    const inked = plain(this.#schema).nullable || this.ticks || !(this.#control instanceof HTMLInputElement);
    return inked ? this.#anyway : null;
  }

  #meaning() {
    const told = sentence((this.#schema.description ?? "").replace(/\bnull\b/, "empty"));
    const pairs = plain(this.#schema).schema.type === "object" ? "A line each: NAME = what it gets. " : "";
    return told === "." ? pairs : pairs + told;
  }

  #labelled() {
    const label = make("label", "", called(this.name));
    if (this.ticks) {
      label.className = "tick";
      label.replaceChildren(this.#control, " ", make("span", "", called(this.name)));
      return [label];
    }
    label.setAttribute("for", this.#control.id);
    return [label, this.#control];
  }
}
