// @ts-check
/** The options of a pipeline: the important ones in sight, the others behind "More", each with what it means. */
import { control } from "./control.js";
import { Field } from "./field.js";
import { kind } from "./kinds.js";
import { element } from "./page.js";

/** @typedef {import("./control.js").Schema} Schema */
/** @typedef {{name: string, about: string, options: {properties: Record<string, Schema>}}} Pipeline */

const IMPORTANT = [
  "description", "cast", "voices", "voice", "language", "takes", "choose", "speed", "fit", "audio", "codes", "sample_rate", "loudness", "verify",
];
// What is asked of every pipeline that speaks, beside its own options.
/** @type {Record<string, Schema>} */
const OURS = {
  verify: {
    type: "integer", default: 0, enum: [0, 1, 3, 10], names: ["No", "Yes, and tell", "Yes, up to 3 takes", "Yes, up to 10 takes"],
    description: "whether every segment is listened to; a bad one can be taken again",
  },
  seed: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, description: "the same seed makes the same speech; drawn when not given" },
};

export class Options {
  #wishes = element("wishes", HTMLElement);
  #others = element("others", HTMLElement);
  #more = element("more", HTMLDetailsElement);
  /** @type {Field[]} */ #fields = [];

  /** The fields of this pipeline, with what was asked for of those that the last one had, too. @param {Pipeline} pipeline */
  show({ name, options }) {
    const before = this.#fields.map((field) => /** @type {[string, unknown]} */ ([field.name, field.value]));
    const { free = [], offers = {}, silent } = kind(name);
    const { seed: _, ...own } = options.properties;
    const all = Object.entries({ ...own, ...(silent ? {} : OURS) });
    this.#fields = all.map(([option, schema]) => {
      const known = free.includes(option) ? undefined : here(option);
      return new Field(option, schema, known ?? control(option, schema, offers[option]));
    });
    const place = ({ name: one } = this.#fields[0]) => IMPORTANT.indexOf(one);
    const first = this.#fields.filter((field) => place(field) >= 0).sort((one, other) => place(one) - place(other));
    const others = this.#fields.filter((field) => place(field) < 0);
    const rest = [...others.filter((field) => !field.ticks), ...others.filter((field) => field.ticks)];
    this.#wishes.replaceChildren(...first.map((field) => field.element));
    this.#others.replaceChildren(...rest.map((field) => field.element));
    this.#more.hidden = !rest.length;
    const kept = before.filter(([option]) => this.#field(option) && !free.includes(option));
    this.fill(Object.fromEntries(kept));
  }

  /** What is asked for: `verify` and `seed` are beside the pipeline's own. */
  read() {
    const asked = this.#fields.map((field) => [field.name, field.value]).filter(([, value]) => value !== undefined);
    const { verify, seed, ...options } = Object.fromEntries(asked);
    return { options, ...(verify === undefined ? {} : { verify }), ...(seed === undefined ? {} : { seed }) };
  }

  /** As it was asked for; what is not named is as it would be anyway. @param {Record<string, unknown>} asked */
  fill(asked) {
    for (const field of this.#fields) field.value = asked[field.name];
  }

  /** Nothing is wrong with any of them. */
  clear() {
    for (const field of this.#fields) field.complain("");
  }

  /** Say what is wrong at its place; the field, or nothing where no field is called so. @param {string} path @param {string} message */
  complain(path, message) {
    const field = this.#field(path.split(/[.[]/)[0]);
    field?.complain(message);
    if (field && this.#others.contains(field.element)) this.#more.open = true;
    return field;
  }

  /** @param {string} name */
  #field(name) {
    return this.#fields.find((field) => field.name === name);
  }
}

/** The field that knows who is here, or what is spoken. @param {string} option */
function here(option) {
  if (option !== "voice" && option !== "language") return undefined;
  const template = option === "voice" ? element("voice-field", HTMLTemplateElement) : element("language-field", HTMLTemplateElement);
  return /** @type {HTMLSelectElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
}
