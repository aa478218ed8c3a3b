// @ts-check
/** Sound: an AudioContext at the speech's own rate and one tape in it. */
import { Tape } from "./tape.js";

/** @typedef {import("./tape.js").Message} Message */
/** @typedef {import("./tape.js").Report} Told  in samples */
/** @typedef {{at: number, heard: number, gaps: number, playing: boolean, finished: boolean}} Report  in seconds */

// A browser that may not make sound leaves the context suspended for ever; a device that wakes up takes well under this.
const WAKE_MS = 3000;
// A silent context holds the sound card and a headset's radio; this long after the last sound they may rest.
const REST_MS = 20_000;
// Without an audio thread the page's own thread renders: 43 ms ahead at 24 kHz, the least that survives drawing.
const BLOCK = 1024;

/** @type {Report} */
const NOTHING = { at: 0, heard: 0, gaps: 0, playing: false, finished: false };

export class Player {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {((message: Message) => void) | null} */ #tell = null;
  /** @type {Promise<void> | null} */ #opening = null;
  /** What is told to a tape that is not there yet. @type {Message[]} */ #waiting = [];
  /** Held, or the garbage collector would silence it. @type {AudioNode | null} */ node = null;
  #report = NOTHING;
  /** How often the head was moved; a report of before is of no interest. */ #turn = 0;
  #reportedAt = 0;
  #firstHeard = false;
  #rest = 0;

  /** Called with every report of the tape. @type {(report: Report) => void} */
  onreport = () => {};
  /** Called once a tape with `performance.now()` of its first sample at the speakers. @type {(at: number) => void} */
  onfirst = () => {};

  /**
   * Make ready for speech at this rate with an empty tape. Call it from a click or a key: browsers ask for one.
   * Rejects when the browser will not play.
   * @param {number} rate
   * @param {boolean} live  whether the text is still being written, so that silence between sentences is no gap
   */
  async open(rate, live) {
    this.#firstHeard = false;
    this.#report = NOTHING;
    this.#waiting = [];
    const prepared = this.prepare(rate);
    this.#post({ clear: true, live, turn: ++this.#turn });
    await prepared;
    await this.#wake();
  }

  /** Load what `open` will need, so that it is quick. @param {number} rate */
  async prepare(rate) {
    if (this.#context?.sampleRate !== rate) {
      void this.#close();
      this.#opening = this.#build(rate);
    }
    const opening = this.#opening;
    try {
      await opening;
    } catch (error) {
      if (opening === this.#opening) void this.#close(); // the next attempt begins anew
      throw error;
    }
  }

  /** Append s16le mono; the buffer is given away. @param {ArrayBuffer} pcm */
  write(pcm) {
    this.#post(pcm);
  }

  /** Nothing more will be written. */
  end() {
    this.#post({ end: true });
  }

  /** Be silent; what is on the tape stays there. */
  hold() {
    this.#post({ play: false });
  }

  /** Play from here. @param {number} seconds */
  async play(seconds) {
    const context = this.#context;
    if (!context) return;
    this.#post({ seek: Math.round(seconds * context.sampleRate), turn: ++this.#turn });
    this.#post({ play: true });
    this.#report = { ...this.#report, at: seconds, playing: true, finished: false };
    this.#reportedAt = context.currentTime;
    await this.#wake();
  }

  /** The head in seconds, smooth between two reports. */
  get position() {
    const { at, playing, finished, heard } = this.#report;
    if (!this.#context || !playing || finished || heard === 0) return at;
    return at + Math.min(0.1, this.#context.currentTime - this.#reportedAt);
  }

  /** @param {number} rate */
  async #build(rate) {
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.#context = context;
    // A page from another machine over plain http has no worklets; the same tape then plays on the page's own thread.
    const tell = context.audioWorklet ? await this.#worklet(context) : this.#inline(context);
    if (context !== this.#context) return; // another rate was asked for meanwhile
    this.#tell = tell;
    for (const message of this.#waiting.splice(0)) this.#post(message);
  }

  /** @param {AudioContext} context @returns {Promise<(message: Message) => void>} */
  async #worklet(context) {
    await context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "tape", { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => this.#hear(data);
    this.#connect(node);
    return (message) => node.port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
  }

  /** @param {AudioContext} context @returns {(message: Message) => void} */
  #inline(context) {
    const tape = new Tape(context.sampleRate);
    const node = context.createScriptProcessor(BLOCK, 0, 1);
    node.onaudioprocess = ({ outputBuffer, playbackTime }) => {
      const report = tape.render(outputBuffer.getChannelData(0), playbackTime);
      if (report) this.#hear(report);
    };
    this.#connect(node);
    return (message) => tape.take(message);
  }

  /** @param {AudioNode} node */
  #connect(node) {
    node.connect(node.context.destination);
    this.node = node;
  }

  async #wake() {
    clearTimeout(this.#rest);
    const context = this.#context;
    if (!context || context.state === "running") return;
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("it does not let this page play")), WAKE_MS);
    });
    await Promise.race([context.resume(), late]);
  }

  async #close() {
    const context = this.#context;
    this.#context = this.#tell = this.node = this.#opening = null;
    await context?.close();
  }

  /** @param {Message} message */
  #post(message) {
    if (this.#tell) this.#tell(message);
    else this.#waiting.push(message);
  }

  /** @param {Told} told */
  #hear(told) {
    const context = this.#context;
    if (!context || told.turn !== this.#turn) return;
    const rate = context.sampleRate;
    this.#report = { ...told, at: told.at / rate, heard: told.heard / rate };
    this.#reportedAt = context.currentTime;
    if (told.first !== null && !this.#firstHeard) {
      this.#firstHeard = true;
      this.onfirst(heardAt(context, told.first));
    }
    if (told.finished || !told.playing) this.#sleep();
    this.onreport(this.#report);
  }

  #sleep() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#context?.suspend(), REST_MS);
  }
}

/**
 * When a context's time is at the speakers, on the clock of `performance.now()`.
 * @param {AudioContext} context @param {number} time
 */
function heardAt(context, time) {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
  if (performanceTime > 0) return performanceTime + (time - contextTime) * 1000;
  return performance.now() + ((context.outputLatency || context.baseLatency || 0) + time - context.currentTime) * 1000;
}
