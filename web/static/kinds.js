// @ts-check
/** What the page knows of each pipeline beyond what the API tells: how people call it, and what it is made of. */
import { sentence } from "./page.js";

/**
 * @typedef {object} Kind
 * @property {string} label
 * @property {string} accept  the files that are shown first when one is chosen
 * @property {string} [sample]  what could be typed; without one it takes files alone
 * @property {boolean} [silent]  whether nothing is spoken
 * @property {boolean} [chore]  whether it is made of nothing that could be sent from here
 * @property {string[]} [free]  options that name something new, whatever they are called
 * @property {Record<string, string[]>} [offers]  what an option could be, where its schema does not say
 */

const SOUND = ".wav,.flac,.mp3,.ogg,.opus,.aac,.m4a,audio/*";

/** @type {Record<string, Kind>} */
const KINDS = {
  long_form: {
    label: "A book", accept: ".txt,.md,.markdown,.html,.htm,.xhtml,.epub",
    sample: "Down the Rabbit-Hole\n\nAlice was beginning to get very tired of sitting by her sister on the bank…",
  },
  script: { label: "A play", accept: ".txt", sample: "ANNA: Who has put the lamp out?\nBOB (softly): It was me." },
  npc_pack: { label: "Game lines", accept: ".csv,.tsv,.jsonl", sample: 'id,text\nhalt,"Halt! Who goes there?"\npass,You may pass.' },
  subtitles: { label: "Subtitles", accept: ".srt,.vtt", sample: "1\n00:00:01,000 --> 00:00:03,500\nThe kettle is on." },
  design_then_clone: {
    label: "A new voice", accept: ".txt", sample: "One line.\nAnother line.", free: ["voice"], offers: { choose: ["gate", "hand"] },
  },
  voice_conversion: { label: "Another voice", accept: SOUND },
  convert: {
    label: "Another format", accept: SOUND, silent: true,
    offers: { audio: ["wav", "flac", "mp3", "opus", "aac", "m4a", "m4b", "pcm"] },
  },
  codec: { label: "Codes", accept: `${SOUND},.npz,.json`, silent: true },
  pull: { label: "A model", accept: "", silent: true, chore: true },
};
const ORDER = Object.keys(KINDS);

/** @param {string} name @returns {Kind} */
export function kind(name) {
  return KINDS[name] ?? { label: sentence(name.replaceAll("_", " ")).slice(0, -1), accept: "", sample: "" };
}

/** Those that people know come first. @template {{name: string}} T @param {T[]} pipelines */
export function ordered(pipelines) {
  const place = (/** @type {T} */ { name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...pipelines].sort((one, other) => place(one) - place(other));
}
