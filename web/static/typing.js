// @ts-check
/** Which part of a text that is still being written has been said, and which may be said now. */

// A sentence is over where its mark is followed by a blank; in scripts without blanks the mark is enough.
const SENTENCE_END = /[.!?…]["'”’»)\]]*\s+|[。！？｡]["'”’」』）]*|\n+/g;

export class Typing {
  /** How much of the text has been handed on. */ said = 0;
  #text;

  /** What stands there already is left unsaid. @param {string} text */
  constructor(text) {
    this.#text = text;
    this.said = text.length;
  }

  /**
   * Take in the text as it is now and give the sentences that are finished and not yet said.
   * A change in what was said is not said again: it is too late for that.
   * @param {string} text
   */
  write(text) {
    this.follow(text);
    const rest = text.slice(this.said);
    const end = [...rest.matchAll(SENTENCE_END)].at(-1);
    return this.#take(end ? end.index + end[0].length : 0);
  }

  /** The rest, finished or not. @param {string} text */
  finish(text) {
    this.follow(text);
    return this.#take(text.length - this.said);
  }

  /** Move the border between said and unsaid along with one change of the text. @param {string} text */
  follow(text) {
    const old = this.#text;
    const shorter = Math.min(old.length, text.length);
    let start = 0;
    while (start < shorter && old[start] === text[start]) start++;
    let tail = 0;
    while (tail < shorter - start && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
    this.#text = text;
    if (start >= this.said) return; // behind the border: nothing of it has been said
    const within = old.length - tail <= this.said;
    this.said = within ? this.said + text.length - old.length : start;
  }

  /** @param {number} length */
  #take(length) {
    const piece = this.#text.slice(this.said, this.said + length);
    this.said += length;
    return piece;
  }
}
