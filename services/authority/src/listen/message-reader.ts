/**
 * Cuts a TCP stream into messages: two octets of length, then the message (RFC 1035 4.2.2), however the segments
 * fall. Pure: holds octets, knows neither sockets nor DNS. Memory grows with what came, not with what was promised.
 */

const LENGTH_OCTETS = 2;
const FIRST_CAPACITY = 512;

export class MessageReader {
  #octets = new Uint8Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;

  push(segment: Uint8Array): void {
    this.#makeRoom(segment.length);
    this.#octets.set(segment, this.#end);
    this.#end += segment.length;
  }

  /** The next whole message, valid until the next `push`; undefined: not all of it is here. */
  next(): Uint8Array | undefined {
    const length = this.#nextLength();
    if (length < 0 || this.#end - this.#start < LENGTH_OCTETS + length) return undefined;
    const from = this.#start + LENGTH_OCTETS;
    this.#start = from + length;
    return this.#octets.subarray(from, from + length);
  }

  /** What was pushed and not taken yet, valid until the next `push`. */
  held(): Uint8Array {
    return this.#octets.subarray(this.#start, this.#end);
  }

  /** Takes octets that are no message; there must be so many. */
  skip(length: number): void {
    this.#start += length;
  }

  /** True when a message has begun and is not whole. */
  isPartial(): boolean {
    return this.#end > this.#start;
  }

  #nextLength(): number {
    if (this.#end - this.#start < LENGTH_OCTETS) return -1;
    return (this.#octets[this.#start]! << 8) | this.#octets[this.#start + 1]!;
  }

  #makeRoom(length: number): void {
    const held = this.#end - this.#start;
    if (this.#end + length <= this.#octets.length) return;
    let capacity = this.#octets.length;
    while (capacity < held + length) capacity *= 2;
    const octets = capacity === this.#octets.length ? this.#octets : new Uint8Array(capacity);
    if (octets === this.#octets) octets.copyWithin(0, this.#start, this.#end);
    else octets.set(this.#octets.subarray(this.#start, this.#end));
    this.#octets = octets;
    this.#start = 0;
    this.#end = held;
  }
}
