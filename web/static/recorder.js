// @ts-check
/** A recording from the microphone, as a WAV file: what MediaRecorder makes, voiced does not take. */
import { wav } from "./wav.js";

// Twice of what is best for a voice: whoever goes on has forgotten the button.
export const MOST_S = 30;
// The voice as it is: what makes calls pleasant changes how somebody sounds.
const AUDIO = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const WHY = new Map([
  ["NotAllowedError", "this browser does not let this page hear the microphone; allow it beside the address, or choose a file"],
  ["NotFoundError", "there is no microphone; choose a file instead"],
  ["NotReadableError", "another program holds the microphone; choose a file, or close that program"],
]);
const AFAR = "browsers give the microphone only to pages that come over https or from this machine; choose a file instead";

export class Recorder {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {MediaStream | null} */ #stream = null;
  /** @type {Float32Array[]} */ #blocks = [];
  /**
   * Told of every block: how loud it is, from 0 to 1, and how many seconds there are.
   * @type {(peak: number, seconds: number) => void}
   */
  onblock = () => {};

  /** Whether it records. */
  get on() {
    return this.#stream !== null;
  }

  /** Rejects with words for a person. */
  async start() {
    if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new Error(AFAR);
    this.#blocks = [];
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: AUDIO });
      await this.#listen(this.#stream);
    } catch (error) {
      await this.#close();
      const { name = "", message = "" } = /** @type {Error} */ (error);
      throw new Error(WHY.get(name) ?? `the microphone cannot be heard: ${message}`);
    }
  }

  /** The file. @returns {Promise<File>} */
  async stop() {
    const rate = this.#context?.sampleRate ?? 0;
    await this.#close();
    return new File([wav(this.#blocks, rate)], "recorded.wav", { type: "audio/wav" });
  }

  /** @param {MediaStream} stream */
  async #listen(stream) {
    const context = (this.#context = new AudioContext());
    await context.audioWorklet.addModule(new URL("./microphone.js", import.meta.url));
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => this.#hear(data, context.sampleRate);
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
  }

  /** @param {Float32Array} block @param {number} rate */
  #hear(block, rate) {
    if (!this.on) return;
    this.#blocks.push(block);
    const peak = block.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    this.onblock(peak, (this.#blocks.length * block.length) / rate);
  }

  async #close() {
    const [stream, context] = [this.#stream, this.#context];
    this.#stream = this.#context = null;
    stream?.getTracks().forEach((track) => track.stop());
    await context?.close();
  }
}
