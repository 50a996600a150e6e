/**
 * The text in which Node names a peer, as octets, without allocating: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
 * Trusts that the text is an address, since the kernel wrote it; anything else gives some address, never an error.
 */

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;

export class SourceAddress {
  readonly #ipv6 = new Uint8Array(16);
  readonly #ipv4 = new Uint8Array(4);

  /** 4 or 16 octets, valid until the next call. */
  parse(text: string): Uint8Array {
    return text.includes(':') ? this.#parseIpv6(text) : this.#parseIpv4(text, 0, this.#ipv4, 0);
  }

  #parseIpv4(text: string, start: number, octets: Uint8Array, at: number): Uint8Array {
    let value = 0;
    let index = at;
    for (let i = start; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code === DOT) {
        octets[index] = value;
        index += 1;
        value = 0;
      } else {
        value = value * 10 + code - 0x30;
      }
    }
    octets[index] = value;
    return octets;
  }

  /** Groups are written from the front; those after `::` are moved to the end. */
  #parseIpv6(text: string): Uint8Array {
    const octets = this.#ipv6.fill(0);
    let at = 0;
    let gap = -1;
    let groupStart = 0;
    let value = 0;
    for (let i = 0; i <= text.length; i += 1) {
      const code = i < text.length ? text.charCodeAt(i) : PERCENT;
      if (code === DOT) {
        this.#parseIpv4(text, groupStart, octets, at); // ::ffff:192.0.2.1
        at += 4;
        break;
      }
      if (code === COLON || code === PERCENT) {
        if (i > groupStart && at < 16) {
          octets[at] = value >> 8;
          octets[at + 1] = value;
          at += 2;
        }
        if (code === PERCENT) break;
        if (text.charCodeAt(i + 1) === COLON) gap = at;
        groupStart = i + 1;
        value = 0;
      } else {
        value = (value << 4) | hexDigit(code);
      }
    }
    if (gap >= 0 && at < 16) {
      octets.copyWithin(16 - (at - gap), gap, at);
      octets.fill(0, gap, 16 - (at - gap));
    }
    return octets;
  }
}

function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}
