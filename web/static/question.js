// @ts-check
/** What somebody has to choose before a job goes on: what is asked, what can be listened to, the answer. */
import { element, make, words } from "./page.js";

// What the question says to whoever reads it on a command line.
const COMMAND = /:?\s*`voiced [^`]*`\s*\.?$/;
const SOUND = /[\w./-]+\.(?:wav|flac|mp3)\b/g;

export class Question {
  element = /** @type {HTMLFormElement} */ (/** @type {Element} */ (element("question", HTMLTemplateElement).content.firstElementChild).cloneNode(true));

  /** @param {import("./standing.js").Standing} standing */
  constructor({ id, question }) {
    const sounds = question.match(SOUND) ?? [];
    const asked = sounds.length ? question.replace(/Listen to [\s\S]*$/, "Listen to the takes, and choose one.") : question.replace(COMMAND, ".");
    this.#part("asks").replaceChildren(...words(asked));
    this.#part("takes").append(...sounds.map((file, at) => take(id, file, at === 0)));
    this.#part("takes").hidden = !sounds.length;
    this.#part("other").hidden = sounds.length > 0;
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`[data-part="${name}"]`));
  }
}

/** The answer that stands in a form. @param {HTMLFormElement} form */
export function answer(form) {
  const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector("[type=radio]:checked"));
  const typed = /** @type {HTMLInputElement} */ (form.querySelector("[type=text]"));
  return chosen?.value ?? typed.value.trim();
}

/** A file that is called by its number. @param {string} run @param {string} file @param {boolean} checked */
function take(run, file, checked) {
  const number = /([^/]+)\.\w+$/.exec(file)?.[1] ?? file;
  const radio = Object.assign(make("input"), { type: "radio", name: "take", value: number, checked });
  const sound = Object.assign(make("audio"), { controls: true, preload: "none", src: `/api/v1/runs/${run}/files/${file}` });
  sound.setAttribute("aria-label", `Take ${number}`);
  return make("div", "take", make("label", "tick", radio, " ", make("span", "", `Take ${number}`)), sound);
}
