// @ts-check
/** Samples as a WAV file. */

/** @param {Float32Array[]} blocks  mono @param {number} rate @returns {Blob} */
export function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const name = (/** @type {number} */ at, /** @type {string} */ four) => {
    for (let i = 0; i < 4; i++) view.setUint8(at + i, four.charCodeAt(i));
  };
  name(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  name(8, "WAVE");
  name(12, "fmt ");
  view.setUint32(16, 16, true); // of the plain kind: PCM, one channel, 16 bits
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  name(36, "data");
  view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const block of blocks) {
    for (const sample of block) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}
