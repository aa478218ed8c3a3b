// @ts-check
/** A desk: a part of the page that says for itself what it does, what came of it, and what went wrong. */
import { Refused } from "./api.js";
import { make, sentence, words } from "./page.js";

/** @param {Element} at  anything on it @returns {HTMLElement} */
export function desk(at) {
  return /** @type {HTMLElement} */ (at.closest("[data-desk]"));
}

/** A part of this desk, and of none within it. @param {Element} at @param {string} name @returns {HTMLElement | undefined} */
export function part(at, name) {
  const whole = desk(at);
  const found = /** @type {HTMLElement[]} */ ([...whole.querySelectorAll(`[data-${name}]`)]);
  return found.find((one) => desk(one) === whole);
}

/**
 * Say what went wrong, in the words that there are for it; without an error, that nothing has.
 * @param {Element} at @param {unknown} [error]
 */
export function complain(at, error) {
  const details = error instanceof Refused ? error.details : [];
  const told = error instanceof Error ? error.message : error ? String(error) : "";
  const message = details.reduce((text, { path }) => text.replace(`${path}: `, () => `${label(at, path)}: `), told);
  const more = details.filter((detail) => !message.includes(detail.message));
  part(at, "problem")?.replaceChildren(
    ...(message ? [make("p", "", ...words(sentence(message)))] : []),
    ...(more.length ? [make("ul", "", ...more.map((detail) => make("li", "", ...words(detail.message))))] : []),
  );
  const wrong = new Set(details.map(({ path }) => path));
  for (const field of desk(at).querySelectorAll("[name]")) {
    if (wrong.has(field.getAttribute("name") ?? "")) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

/** What a person calls the field that a program calls so. @param {Element} at @param {string} path */
function label(at, path) {
  const field = desk(at).querySelector(`[name="${CSS.escape(path)}"]`);
  const named = field instanceof HTMLElement && "labels" in field && /** @type {NodeListOf<HTMLLabelElement>} */ (field.labels)[0];
  return (named && named.textContent) || path;
}

/**
 * Say that a voice is kept now, and let it be heard.
 * @param {Element} at @param {{id: string, label: string}} voice @param {string} deed
 */
export function announce(at, { id, label }, deed) {
  const button = make("button", "play worded", make("span", "", "Hear it"));
  button.setAttribute("type", "button");
  Object.assign(button.dataset, { act: "play", play: "voice", what: label });
  Object.assign(/** @type {HTMLElement} */ (button.firstElementChild).dataset, { word: "Hear it" });
  const told = make("p", "", `${deed} `, make("b", "", label), ", at every door as ", make("code", "", id), ".");
  const box = part(at, "kept");
  if (!box) return;
  box.dataset.voice = id;
  box.replaceChildren(told, button);
}
