// @ts-check
/** What long work has become: heard, fetched, and what is to be said of it. */
import { ask } from "./api.js";
import { size } from "./input.js";
import { make, sentence } from "./page.js";
import { length } from "./standing.js";
import { verdict } from "./verdict.js";

/** @typedef {import("./standing.js").Artifact} Artifact */

const SOUND = /\.(m4b|m4a|mp3|opus|flac|wav)$/;
const VERIFIED = "verify.json";
// More names than these are no list to read; the manifest has them all.
const SHOWN = 12;
const HEARD = 500;

/** @param {import("./standing.js").Standing} standing @returns {HTMLElement[]} */
export function result({ id, title, artifacts, warnings }) {
  const url = (/** @type {string} */ name) => `/api/v1/runs/${id}/files/${name.split("/").map(encodeURIComponent).join("/")}`;
  const sounds = artifacts.filter(({ name }) => SOUND.test(name)).slice(0, HEARD);
  return [
    ...(sounds.length ? [player(sounds, url, title)] : []),
    ...(artifacts.length ? [files(artifacts, url, title)] : []),
    ...(warnings.length ? [remarks(warnings)] : []),
    ...(artifacts.some(({ name }) => name === VERIFIED) ? [findings(url)] : []),
  ];
}

/** One that plays; where there are several, which is chosen. @param {Artifact[]} sounds @param {(name: string) => string} url @param {string} title */
function player(sounds, url, title) {
  const sound = Object.assign(document.createElement("audio"), { controls: true, preload: "none", src: url(sounds[0].name) });
  sound.setAttribute("aria-label", `Play: ${title}`);
  const made = make("div", "player", sound);
  if (sounds.length === 1) return made;
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", "What is played");
  for (const { name, seconds } of sounds) choice.add(new Option(seconds ? `${name} · ${length(seconds)}` : name, name));
  choice.addEventListener("change", () => {
    sound.src = url(choice.value);
    sound.play().catch(() => {}); // where the browser cannot, its own player says so
  });
  made.prepend(choice);
  return made;
}

/** @param {Artifact[]} artifacts @param {(name: string) => string} url @param {string} title */
function files(artifacts, url, title) {
  const links = artifacts.map(({ name, bytes }) => {
    const made = Object.assign(document.createElement("a"), { href: url(name), download: name.split("/").at(-1) });
    made.append(name, ...(bytes === undefined ? [] : [" ", make("small", "", size(bytes))]));
    return made;
  });
  const made = make("p", "formats", ...links.slice(0, SHOWN));
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Files: ${title}`);
  if (links.length > SHOWN) made.append(more(links.slice(SHOWN)));
  return made;
}

/** @param {HTMLElement[]} rest */
function more(rest) {
  const button = make("button", "link", `and ${rest.length} more`);
  button.setAttribute("type", "button");
  button.addEventListener("click", () => {
    button.replaceWith(...rest);
    rest[0].focus();
  });
  return button;
}

/** @param {string[]} warnings */
function remarks(warnings) {
  const title = warnings.length === 1 ? "One remark" : `${warnings.length} remarks`;
  return make("details", "", make("summary", "", title), make("ul", "remarks", ...warnings.map((one) => make("li", "", sentence(one)))));
}

/** What the gate has found; read when somebody wants to know. @param {(name: string) => string} url */
function findings(url) {
  const box = make("div", "findings");
  const made = make("details", "", make("summary", "", "What was found when it was listened to"), box);
  made.addEventListener("toggle", async () => {
    if (box.childElementCount) return;
    const told = await ask("GET", url(VERIFIED)).then((found) => verdict(found, url), (error) => [make("p", "mistake", sentence(error.message))]);
    box.replaceChildren(...told);
  });
  return made;
}
