/** Many questions to one server over UDP, some at a time; what gets no answer is asked again a few times. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const AT_ONCE = 32;
const WAIT_MS = 1_000;
const ATTEMPTS = 4;

/** Answers in the order of the queries; undefined: none came. Ids are overwritten. */
export async function askAll(
  queries: readonly Uint8Array[],
  port: number,
  onAnswer: () => void = () => {},
): Promise<(Buffer | undefined)[]> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = new Map<number, (answer: Buffer) => void>();
  socket.on('error', () => {});
  socket.on('message', (answer) => {
    if (answer.length >= 12) waiting.get(answer.readUInt16BE(0))?.(answer);
  });
  const answers: (Buffer | undefined)[] = Array.from({ length: queries.length });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < queries.length; index = next++) {
      const query = Buffer.from(queries[index]!);
      query.writeUInt16BE(index & 0xffff, 0);
      for (let attempt = 0; attempt < ATTEMPTS && answers[index] === undefined; attempt += 1) {
        answers[index] = await exchange(index & 0xffff, query);
      }
      onAnswer();
    }
  };
  const exchange = (id: number, query: Buffer): Promise<Buffer | undefined> =>
    new Promise((resolve) => {
      const finish = (answer: Buffer | undefined) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => finish(undefined), WAIT_MS);
      waiting.set(id, finish);
      socket.send(query);
    });
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  socket.close();
  return answers;
}
