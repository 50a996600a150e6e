/** The `data` of each Server-Sent Event of a stream (WHATWG HTML, section 9.2). Bounded by `MAX_EVENT`. */

/** Characters; no event of ours is near it. */
const MAX_EVENT = 4 * 1024 * 1024;

export async function* splitServerSentEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const octets of stream) {
    pending = (pending + decoder.decode(octets, { stream: true })).replaceAll('\r\n', '\n');
    let end = pending.indexOf('\n\n');
    while (end >= 0) {
      const data = dataOf(pending.slice(0, end));
      pending = pending.slice(end + 2);
      if (data !== undefined) yield data;
      end = pending.indexOf('\n\n');
    }
    if (pending.length > MAX_EVENT) throw new Error('the controller sent an event without end');
  }
}

function dataOf(event: string): string | undefined {
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n');
}
