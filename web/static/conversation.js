// @ts-check
/** The page's side of `/ws/speech`: one connection, one utterance at a time. */

/**
 * @typedef {{request_id: string, sample_rate: number, voice: string, language: string, seed: number}} Header
 * @typedef {{first_audio_ms: number | null, audio_ms: number, wall_ms: number, rtf: number | null}} Timing
 * @typedef {{reason: "stop" | "cancelled" | "length" | "runaway" | "error", run_id: string | null,
 *   seed?: number | null, timing: Timing | null}} End
 * @typedef {{code: string, message: string}} Fault
 *
 * @typedef {object} Listener
 * @property {(header: Header) => void} header  somebody speaks
 * @property {(pcm: ArrayBuffer) => void} pcm
 * @property {(end: End) => void} end           it is over; after a fault the reason is `error`
 * @property {(fault: Fault) => void} fault     voiced says why it cannot
 * @property {() => void} lost                  the connection broke before the end
 */

export class Conversation {
  #url;
  #listener;
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {"idle" | "open" | "stopping"} */ #state = "idle";

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
  }

  /** Whether an utterance is under way. */
  get open() {
    return this.#state === "open";
  }

  /** Ask for speech. @param {Record<string, unknown>} wish  the fields of `start`; without `text` it is written later */
  start(wish) {
    if (this.#state !== "idle") this.#drop(); // closing cancels too, and nothing late can be mistaken for the new one
    this.#state = "open";
    this.#send({ type: "start", client: "studio", format: "pcm16", ...wish });
  }

  /** More of a text that is being written. @param {string} text */
  write(text) {
    if (this.#state === "open") this.#send({ type: "text", text });
  }

  /** The text is complete. */
  endText() {
    if (this.#state === "open") this.#send({ type: "end_text" });
  }

  /** Stop speaking. `end` follows with reason `cancelled`, unless the connection is not even there yet. */
  cancel() {
    if (this.#state !== "open") return;
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#state = "stopping";
      this.#send({ type: "cancel" });
    } else this.#drop();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#state = "idle";
    socket?.close();
  }

  /** @param {object} message */
  #send(message) {
    const socket = this.#connected();
    const text = JSON.stringify(message);
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
    else socket.addEventListener("open", () => socket.send(text), { once: true });
  }

  /** The connection, made when it is needed and kept for the next utterance. */
  #connected() {
    const old = this.#socket;
    if (old && old.readyState <= WebSocket.OPEN) return old;
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(data));
    socket.addEventListener("close", () => socket === this.#socket && this.#closed());
    this.#socket = socket;
    return socket;
  }

  #closed() {
    const was = this.#state;
    this.#socket = null;
    this.#state = "idle";
    if (was === "open") this.#listener.lost();
  }

  /** @param {ArrayBuffer | string} data */
  #hear(data) {
    if (this.#state === "idle") return;
    const stopping = this.#state === "stopping";
    if (data instanceof ArrayBuffer) {
      if (!stopping) this.#listener.pcm(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "end") {
      this.#state = "idle";
      this.#listener.end(message);
    } else if (message.type === "header" && !stopping) this.#listener.header(message);
    else if (message.type === "error" && !stopping) this.#listener.fault(message);
  }
}
