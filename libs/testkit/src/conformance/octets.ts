/** Text as octets and back, and a signal that never fires, for the conformance suites. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function octets(text: string): Uint8Array {
  return encoder.encode(text);
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : decoder.decode(value);
}

export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
