// @ts-check
/** The tape on the audio thread. */
import { Tape } from "./tape.js";

class TapeProcessor extends AudioWorkletProcessor {
  #tape = new Tape(sampleRate);

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#tape.take(data);
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, outputs) {
    const report = this.#tape.render(outputs[0][0], currentTime);
    if (report) this.port.postMessage(report);
    return true;
  }
}

registerProcessor("tape", TapeProcessor);
