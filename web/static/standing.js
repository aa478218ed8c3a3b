// @ts-check
/** How long work stands, in words. */

/**
 * A job at work, or a run that is left or has ended.
 * @typedef {object} Standing
 * @property {string} id
 * @property {string} pipeline
 * @property {string} title
 * @property {"waiting" | "running" | "paused" | "interrupted" | "done" | "failed" | "cancelled"} state
 * @property {string} phase
 * @property {number} segments
 * @property {number} done
 * @property {number} seconds
 * @property {number | null} left_s
 * @property {number | null} share
 * @property {string} error
 * @property {string} question
 * @property {string} [created]
 * @property {Artifact[]} artifacts
 * @property {string[]} warnings
 */
/** @typedef {{name: string, bytes?: number, seconds?: number}} Artifact */

const STATES = {
  waiting: "Waits for its turn", running: "At work", paused: "Rests", interrupted: "Was left when voiced stopped",
  done: "Done", failed: "Failed", cancelled: "Cancelled",
};
/** @type {Record<string, string>} */
const PHASES = {
  speaking: "Being spoken", reading: "Being read", assembling: "Being put together", preparing: "Being prepared", listening: "Being listened to",
  auditioning: "An audition is held", locking: "The voice is kept", encoding: "Being encoded", decoding: "Being decoded",
};

/** @param {any} job  as the API tells of one at work @returns {Standing} */
export function ofJob(job) {
  return { ...job, id: job.run_id, artifacts: [], warnings: [] };
}

/** @param {any} run  as the API tells of one that nobody works on @returns {Standing} */
export function ofRun({ run_id, task, state, created, meta }) {
  const { title = "", name = "", segments = 0, spoken = 0, seconds = 0, error = "", artifacts = [], warnings = [] } = meta;
  const counted = "spoken" in meta ? segments : 0; // what a process has left says nothing of how far it came
  const nothing = { phase: "", left_s: null, share: null, question: "" };
  return { id: run_id, pipeline: task, title: title || name, state, created, segments: counted, done: spoken, seconds, error, artifacts, warnings, ...nothing };
}

/** @param {Standing} standing */
export function ended({ state }) {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** What it does. @param {Standing} standing */
export function doing({ state, phase, question }) {
  if (question) return "Wants an answer";
  return (state === "running" && phase && (PHASES[phase] ?? phase.charAt(0).toUpperCase() + phase.slice(1))) || STATES[state];
}

/** How far it is. @param {Standing} standing */
export function far({ state, segments, done, seconds, left_s, share }) {
  const count = state === "done" || !segments ? "" : `${done} of ${segments} ${segments === 1 ? "segment" : "segments"}`;
  const part = share === null ? "" : `${Math.round(share * 100)} %`;
  const left = left_s === null || done === segments ? "" : `${about(left_s)} left`;
  return [count, part, seconds ? `${length(seconds)} of audio` : "", left].filter(Boolean);
}

/** From 0 to 1; null where it cannot be told. @param {Standing} standing */
export function share({ state, phase, share: told, segments, done }) {
  if (told !== null) return told;
  return state !== "running" || !phase || phase === "speaking" ? (segments ? done / segments : null) : null;
}

/** `1:02:03` @param {number} seconds */
export function length(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `5 min` @param {number} seconds */
function about(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
