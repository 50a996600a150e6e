/** What is wrong with a response to a case: what no response may be, and what this case does not allow. Pure. */
import { EdnsOption, HeaderFlag, OPCODE_MASK, rcodeName } from '@signpost/dns/constants';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';

export interface Asked {
  readonly packet: Uint8Array;
  readonly allowed: string;
  readonly transport: 'udp' | 'tcp';
  /** Options this server acts on; others it may pass over. */
  readonly speaks: { readonly ecs: boolean; readonly cookies: boolean };
}

/** What a refusal may have more than the question that it refuses. */
export const MOST_ADDED = 64;
const NO_EDNS_SIZE = 512;

/** Undefined: there was no response. Empty: nothing is wrong. */
export function judgeResponse(asked: Asked, response: Uint8Array | undefined, isOurs: boolean): string[] {
  const words = asked.allowed.split(' ');
  const maySilence = words.includes('silence') || (words.includes('may-drop') && !isOurs);
  if (response === undefined) return maySilence ? [] : ['no response'];
  let message: Message;
  try {
    message = readMessage(response);
  } catch (error) {
    return [`a malformed response: ${String(error)}`];
  }
  return [
    ...faultsOfAny(asked.packet, response, message),
    ...faultsOfSize(asked, response, message),
    ...faultsHere(words, asked, message),
  ];
}

/** What holds for each response. */
function faultsOfAny(packet: Uint8Array, response: Uint8Array, message: Message): string[] {
  const { flags, questions, edns, length } = message;
  const sent = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  const [asked] = questions;
  const faults: (string | false)[] = [
    length !== response.length && 'octets after the end',
    response[0] !== packet[0] && 'another id',
    response[1] !== packet[1] && 'another id',
    (flags & HeaderFlag.QR) === 0 && 'QR is not set',
    packet.length > 2 && ((flags ^ sent) & OPCODE_MASK) !== 0 && 'another opcode',
    (flags & HeaderFlag.RA) !== 0 && 'RA is set',
    (flags & HeaderFlag.AD) !== 0 && 'AD is set',
    (flags & 0x40) !== 0 && 'Z is set',
    questions.length > 1 && 'more than one question',
    asked !== undefined && !isQuestionOf(packet, response, asked.name.length + 4) && 'another question',
    edns !== undefined && edns.version !== 0 && 'an EDNS version other than 0',
    edns !== undefined && (edns.flags & 0x7fff) !== 0 && 'Z of EDNS is set',
    (edns?.options ?? []).some(({ code }) => code === 0 || code > 65_000) &&
      'an option is echoed that is not known',
    new Set(edns?.options.map(({ code }) => code)).size !== (edns?.options.length ?? 0) && 'an option twice',
  ];
  return faults.filter((fault) => fault !== false);
}

/** Octet for octet, letter case included; a name in the query that was compressed cannot be told apart here. */
function isQuestionOf(packet: Uint8Array, response: Uint8Array, length: number): boolean {
  const [sent, echoed] = [packet.subarray(12, 12 + length), response.subarray(12, 12 + length)];
  return packet.includes(0xc0, 12) || Buffer.compare(sent, echoed) === 0;
}

function faultsOfSize(
  { packet, transport }: Asked,
  response: Uint8Array,
  { rcode, edns }: Message,
): string[] {
  const faults: string[] = [];
  const isRefusal = rcode !== 0 && rcode !== 3;
  if (isRefusal && response.length > packet.length + MOST_ADDED)
    faults.push(`${response.length} octets for ${packet.length}`);
  if (transport === 'udp' && response.length > (edns === undefined ? NO_EDNS_SIZE : sizeOf(packet)))
    faults.push(`${response.length} octets are more than the client takes`);
  return faults;
}

/** What the first OPT of a query says, 512 if that is less; 512 too where none can be read. */
function sizeOf(packet: Uint8Array): number {
  try {
    return Math.max(NO_EDNS_SIZE, readMessage(packet, { expandRdata: false }).edns?.udpSize ?? 0);
  } catch {
    return NO_EDNS_SIZE;
  }
}

function faultsHere(
  words: readonly string[],
  { transport, speaks, packet }: Asked,
  message: Message,
): string[] {
  const { rcode, answers, edns, flags } = message;
  const may = (word: string) => words.includes(word);
  const codes = edns?.options.map(({ code }) => code) ?? [];
  const isTruncated = (flags & HeaderFlag.TC) !== 0;
  const isIgnored =
    rcode === 0 &&
    ((may('unless-ecs') && !speaks.ecs && !codes.includes(EdnsOption.CLIENT_SUBNET)) ||
      (may('unless-cookies') && !speaks.cookies && !codes.includes(EdnsOption.COOKIE)));
  const subnet = edns?.options.find(({ code }) => code === EdnsOption.CLIENT_SUBNET)?.data;
  const faults: (string | false)[] = [
    !may(rcodeName(rcode)) && !isIgnored && rcodeName(rcode),
    may('opt') && edns === undefined && 'no OPT',
    may('no-opt') && edns !== undefined && 'OPT',
    may('do') && edns?.dnssecOk !== true && 'DO is not copied',
    may('data') && rcode === 0 && answers.length === 0 && !isTruncated && 'no records',
    may('empty') && rcode === 0 && answers.length > 0 && 'records',
    may('tc') && !isTruncated && 'not truncated',
    may('no-tc') && isTruncated && 'truncated',
    transport === 'udp' && codes.includes(EdnsOption.TCP_KEEPALIVE) && 'keepalive over UDP',
    codes.includes(EdnsOption.PADDING) && 'padding where everybody can read',
    subnet !== undefined && !isSubnetOf(packet, subnet) && 'another client subnet',
  ];
  return faults.filter((fault) => fault !== false);
}

/** Family, source prefix length and address as in the query; the scope is the server's (RFC 7871 7.3). */
function isSubnetOf(packet: Uint8Array, [high, family, source, , ...address]: Uint8Array): boolean {
  return Buffer.from(packet).includes(Buffer.of(high!, family!, source!, 0, ...address));
}
