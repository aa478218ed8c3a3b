// @ts-check
/** Small things that every part of the page needs: its elements, and numbers as people read them. */

/**
 * The element with this id, of the type that it must have.
 * @template {typeof Element} T
 * @param {string} id @param {T} type @returns {InstanceType<T>}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return /** @type {InstanceType<T>} */ (found);
  throw new Error(`the page has no ${type.name} #${id}`);
}

/** @param {string} id @param {string} text */
export function write(id, text) {
  const at = element(id, HTMLElement);
  if (at.textContent !== text) at.textContent = text;
}

/** `0:03.2` @param {number} seconds */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

/** `84 ms`, `1.32 s` @param {number} milliseconds */
export function span(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** A message as a sentence. @param {string} message */
export function sentence(message) {
  const said = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(said) ? said : `${said}.`;
}

/**
 * A new element with these words in it.
 * @param {string} tag @param {string} [className] @param {...(string | Node)} inside
 */
export function make(tag, className = "", ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/** Words of the house: what stands between backticks is typed somewhere. @param {string} text @returns {(string | Node)[]} */
export function words(text) {
  return text.split("`").map((piece, at) => (at % 2 ? make("code", "", piece) : piece));
}
