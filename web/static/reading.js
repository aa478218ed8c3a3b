// @ts-check
/** A text as it is typed, and beside it as it is spoken. */
import { ask, send } from "./api.js";
import { complain } from "./desk.js";
import { text } from "./fields.js";
import { element, make, sentence, words } from "./page.js";

/** @typedef {{start: number, end: number, typed: string, spoken: string}} Word */
/** @typedef {{start: number, end: number, language: string}} Stretch */
/** @typedef {{start: number, end: number, spoken: string, words: Word[], stretches: Stretch[]}} Sentence */
/** @typedef {{voice: string, language: string, manner: Record<string, string | number>, sentences: Sentence[]}} Passage */

// Whoever types does not want to be read to at every letter.
const PATIENCE_MS = 300;

export class Reading {
  #form = element("reading", HTMLFormElement);
  #aloud = element("aloud", HTMLElement);
  #empty = [...this.#aloud.children];
  /** @type {AbortController | null} */ #stopper = null;
  #timer = 0;

  constructor() {
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.read(), PATIENCE_MS);
    });
  }

  /** The text as it is read now. */
  async read() {
    this.#stopper?.abort();
    const stopper = (this.#stopper = new AbortController());
    if (!text(this.#form, "text")) {
      complain(this.#form);
      this.#aloud.replaceChildren(...this.#empty);
      return;
    }
    try {
      const told = await ask("POST", "/api/v1/text/preview", this.#wish(), stopper.signal);
      complain(this.#form);
      this.#show(told);
    } catch (error) {
      if (!stopper.signal.aborted) complain(this.#form, error);
    }
  }

  /** The text in sound. @param {AbortSignal} signal */
  speak(signal) {
    return send("POST", "/api/v1/speech", { ...this.#wish(), format: "wav", keep: false, priority: "preview" }, signal);
  }

  #wish() {
    const form = this.#form;
    const [voice, language] = [text(form, "voice"), text(form, "language")];
    const typed = element("typed", HTMLTextAreaElement).value; // as it is: offsets point into it
    return { text: typed, voice, language, normalize: text(form, "normalize"), markup: text(form, "markup") };
  }

  /** @param {{text: string, parts: (Passage | {pause_ms: number})[], warnings: string[]}} told */
  #show({ text: typed, parts, warnings }) {
    const letters = Array.from(typed); // voiced counts characters, JavaScript halves of some
    const rows = parts.map((part) => ("pause_ms" in part ? silence(part.pause_ms) : passage(part, letters)));
    const said = warnings.map((warning) => make("p", "finding", make("span", "chip", "Left out"), " ", ...words(sentence(warning))));
    this.#aloud.replaceChildren(...said, ...rows);
  }
}

/** @param {number} milliseconds */
function silence(milliseconds) {
  return make("p", "pause", `${milliseconds / 1000} s of silence`);
}

/** @param {Passage} part @param {string[]} letters */
function passage({ voice, language, manner, sentences }, letters) {
  const how = Object.entries(manner).filter(([name]) => name !== "voice" && name !== "language");
  const facts = [voice, language, ...how.map(([name, value]) => `${name} ${value}`)].map((fact) => make("span", "", fact));
  return make("div", "passage", make("p", "facts", ...facts), ...sentences.flatMap((one) => both(one, language, letters)));
}

/**
 * As it is spoken, after what was typed where that is something else.
 * @param {Sentence} one @param {string} language @param {string[]} letters
 */
function both(one, language, letters) {
  const spoken = make("p", "spoken", ...marked(one.spoken, one.words));
  spoken.lang = language;
  const typed = letters.slice(one.start, one.end).join("");
  const foreign = one.stretches.some((stretch) => primary(stretch.language) !== primary(language));
  if (!foreign && squeezed(typed) === squeezed(one.spoken)) return [spoken];
  const line = make("p", "typed", make("span", "unseen", "Typed: "), ...pieces(one, language, letters));
  spoken.prepend(make("span", "unseen", "Spoken: "));
  return [line, spoken];
}

/**
 * What was typed, with marks on what is said otherwise and on other languages.
 * @param {Sentence} one @param {string} language @param {string[]} letters
 */
function pieces({ start, end, words: otherwise, stretches }, language, letters) {
  const within = (/** @type {number} */ at) => Math.max(start, Math.min(end, at));
  const edges = [...otherwise, ...stretches].flatMap((span) => [within(span.start), within(span.end)]);
  const cuts = [...new Set([start, ...edges, end])].sort((one, other) => one - other);
  return cuts.slice(1).map((to, at) => {
    const from = cuts[at];
    const piece = letters.slice(from, to).join("");
    const covers = (/** @type {{start: number, end: number}} */ span) => span.start <= from && to <= span.end;
    const made = otherwise.some(covers) ? make("mark", "", piece) : make("span", "", piece);
    const stretch = stretches.find(covers);
    if (stretch && primary(stretch.language) !== primary(language) && piece.trim()) {
      made.lang = stretch.language;
      made.append(make("small", "tongue", stretch.language));
    }
    return made;
  });
}

/** The spoken sentence with marks where it is other than typed. @param {string} spoken @param {Word[]} otherwise */
function marked(spoken, otherwise) {
  const made = [];
  let at = 0;
  for (const { spoken: word } of otherwise) {
    const found = word ? spoken.indexOf(word, at) : -1;
    if (found < 0) continue;
    made.push(spoken.slice(at, found), make("mark", "", word));
    at = found + word.length;
  }
  return [...made, spoken.slice(at)];
}

/** @param {string} said */
function squeezed(said) {
  return said.replace(/\s+/g, " ").trim();
}

/** @param {string} tag */
function primary(tag) {
  return tag.split("-")[0];
}
