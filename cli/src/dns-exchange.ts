/** One DNS question to one server and its answer, over dns-packet. For people and tools, not for load. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';

import { formatDuration } from '@signpost/contracts/duration';
import { typeCode } from '@signpost/dns/constants';
import packet from 'dns-packet';

export interface QueryOptions {
  readonly name: string;
  /** `A`, `MX`, `TYPE65280`. */
  readonly type: string;
  /** An address; names are not resolved, since the point is to ask one server. */
  readonly server: string;
  readonly port: number;
  readonly tcp: boolean;
  readonly timeoutMs: number;
  /** EDNS Client Subnet, `81.2.69.0/24`. */
  readonly subnet?: string;
}

export interface QueryResponse {
  readonly packet: packet.DecodedPacket;
  readonly octets: number;
  readonly elapsedMs: number;
  readonly transport: 'UDP' | 'TCP';
  readonly options: QueryOptions;
}

/** Rejects when there is no answer in time, or none that can be read. */
export async function exchange(options: QueryOptions): Promise<QueryResponse> {
  if (isIP(options.server) === 0) throw new Error(`--server must be an address, got ${options.server}`);
  const question = encodeQuestion(options);
  const started = performance.now();
  let transport: QueryResponse['transport'] = options.tcp ? 'TCP' : 'UDP';
  let answer = options.tcp ? await overTcp(options, question) : await overUdp(options, question);
  if (transport === 'UDP' && packet.decode(Buffer.from(answer)).flag_tc) {
    transport = 'TCP';
    answer = await overTcp(options, question);
  }
  const elapsedMs = performance.now() - started;
  return { packet: packet.decode(Buffer.from(answer)), octets: answer.length, elapsedMs, transport, options };
}

function encodeQuestion(options: QueryOptions): Uint8Array {
  return packet.encode({
    type: 'query',
    id: randomInt(65_536),
    flags: 0,
    questions: [{ type: recordType(options.type), name: options.name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        flags: 0,
        options: options.subnet === undefined ? [] : [subnetOption(options.subnet)],
      } as unknown as packet.Answer,
    ],
  });
}

function recordType(text: string): packet.RecordType {
  // By number: what dns-packet does not know, such as HTTPS, it would ask for as type 0 without a word.
  return `UNKNOWN_${typeCode(text)}` as packet.RecordType;
}

function subnetOption(subnet: string): object {
  const [address, length] = subnet.split('/');
  const family = isIP(address ?? '');
  const bits = Number(length ?? (family === 6 ? 56 : 24));
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) {
    throw new Error(`--subnet is an address and a prefix length such as 81.2.69.0/24, got ${subnet}`);
  }
  return {
    code: 'CLIENT_SUBNET',
    family: family === 6 ? 2 : 1,
    sourcePrefixLength: bits,
    scopePrefixLength: 0,
    ip: address,
  };
}

async function overUdp(options: QueryOptions, question: Uint8Array): Promise<Uint8Array> {
  const socket = createSocket(isIP(options.server) === 6 ? 'udp6' : 'udp4');
  try {
    return await withDeadline(options, (resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (message) => {
        if (message[0] === question[0] && message[1] === question[1]) resolve(message);
      });
      socket.connect(options.port, options.server, () => socket.send(question));
    });
  } finally {
    socket.close();
  }
}

async function overTcp(options: QueryOptions, question: Uint8Array): Promise<Uint8Array> {
  const socket = connect({ host: options.server, port: options.port });
  try {
    return await withDeadline(options, (resolve, reject) => {
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('end', () => reject(new Error(`${options.server}#${options.port} closed the connection`)));
      socket.on('data', (octets) => {
        received = Buffer.concat([received, octets]);
        if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
        }
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(question.length);
      socket.write(Buffer.concat([length, question]));
    });
  } finally {
    socket.destroy();
  }
}

async function withDeadline(
  options: QueryOptions,
  start: (resolve: (octets: Uint8Array) => void, reject: (error: Error) => void) => void,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(
    () =>
      reject(
        new Error(
          `no answer from ${options.server}, port ${options.port}, within ${formatDuration(options.timeoutMs)}`,
        ),
      ),
    options.timeoutMs,
  );
  start(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
