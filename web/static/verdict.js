// @ts-check
/** What the gate found in the takes of a run, in plain words. */
import { make, sentence } from "./page.js";

/** @typedef {{seed: number, kept: boolean, good: boolean, reasons: string[]}} Take */
/** @typedef {{id: string, text: string, good: boolean, takes: Take[]}} Segment */

// Whoever has more than these to look at has another problem than each of them.
const SHOWN = 50;

/** @param {{segments: Segment[]}} report @param {(name: string) => string} url @returns {HTMLElement[]} */
export function verdict({ segments }, url) {
  const bad = segments.filter(({ good }) => !good);
  const mended = segments.filter(({ good, takes }) => good && takes.length > 1);
  const rows = [...bad, ...mended].slice(0, SHOWN).map((segment) => row(segment, url));
  const left = bad.length + mended.length - rows.length;
  return [make("p", "help", summary(segments.length, bad.length, mended.length)), ...rows, ...(left ? [make("p", "help", `And ${left} more.`)] : [])];
}

/** @param {number} all @param {number} bad @param {number} mended */
function summary(all, bad, mended) {
  const count = (/** @type {number} */ number) => (number === 1 ? "one" : String(number));
  const fine = bad ? `${count(bad)} of ${all} segments ${bad === 1 ? "is" : "are"} not good` : `${all === 1 ? "the segment is" : `all ${all} segments are`} good`;
  return sentence(mended ? `${fine}, and ${count(mended)} became good when taken again` : fine);
}

/** @param {Segment} segment @param {(name: string) => string} url */
function row({ id, text, good, takes }, url) {
  const wrong = (good ? takes[0] : takes.find(({ kept }) => kept))?.reasons ?? [];
  const count = takes.length > 1 ? ` ${takes.length} takes.` : "";
  const chip = make("span", "chip", good ? "Taken again" : "Not good");
  const made = make("div", "finding", make("p", "", chip, " ", make("b", "", excerpt(text)), " ", wrong.map(plain).join(" "), count));
  made.dataset.level = good ? "note" : "error";
  if (good) return made;
  const sound = Object.assign(make("audio"), { controls: true, preload: "none", src: url(`segments/${id}.flac`) });
  sound.setAttribute("aria-label", `Play: ${excerpt(text)}`);
  made.append(sound);
  return made;
}

/** Without the word that programs know it by. @param {string} reason */
function plain(reason) {
  const told = reason.replace(/^[a-z-]+: /, "");
  return sentence(told.charAt(0).toUpperCase() + told.slice(1));
}

/** @param {string} text */
function excerpt(text) {
  return text.length > 90 ? `${text.slice(0, 89).trimEnd()}…` : text;
}
