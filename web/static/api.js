// @ts-check
/** What the page asks of voiced, and why it was refused. */

const SILENT = "voiced does not answer. Is it still running?";
const LOCKED = "voiced asks for a key that this browser does not have. Open the page once with ?api_key=… at the end of its address.";

/** @typedef {{path: string, message: string}} Detail */

/** Why something was not done, in the words of the API. */
export class Refused extends Error {
  /** @param {string} message @param {Detail[]} [details] @param {string} [code] */
  constructor(message, details = [], code = "") {
    super(message);
    this.details = details;
    this.code = code;
  }
}

/**
 * What comes back as JSON; null where there is nothing to tell. Raises Refused.
 * @param {string} method @param {string} path @param {object | null} body @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body = null, signal) {
  const answer = await send(method, path, body, signal);
  return answer.status === 204 ? null : answer.json();
}

/**
 * The answer itself: sound, for one. Fields that are left open are not sent. Raises Refused.
 * @param {string} method @param {string} path @param {object | Blob | null} body @param {AbortSignal} [signal]
 */
export async function send(method, path, body = null, signal) {
  const json = body && !(body instanceof Blob);
  const answer = await fetch(path, {
    method, signal,
    body: json ? JSON.stringify(body) : body,
    headers: json ? { "Content-Type": "application/json" } : body ? { "Content-Type": "application/octet-stream" } : {},
  }).catch((error) => {
    throw error.name === "AbortError" ? error : new Refused(SILENT);
  });
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** @param {Response} answer */
async function refusal(answer) {
  if (answer.status === 401) return new Refused(LOCKED);
  try {
    const { error } = await answer.json();
    return new Refused(error.message, error.details, error.code);
  } catch {
    return new Refused(`voiced answered ${answer.status} ${answer.statusText}`);
  }
}
