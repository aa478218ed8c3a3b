// @ts-check
/** What the microphone hears, on the audio thread: handed on in blocks. */

// 43 ms at 48 kHz: often enough for a meter, seldom enough for the page.
const BLOCK = 2048;

class Microphone extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([[heard]]) {
    if (!heard) return true;
    this.#block.set(heard, this.#filled);
    this.#filled += heard.length;
    if (this.#filled >= BLOCK) {
      this.port.postMessage(this.#block);
      this.#block = new Float32Array(BLOCK);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
