/** A DNS response for a person, section by section, and as a plain object for `--json`. */
import type { QueryResponse } from '../dns-exchange.ts';
import { paint } from './print.ts';
import { drawTable } from './table.ts';

interface DrawnRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
}

interface DrawnResponse {
  readonly rcode: string;
  readonly flags: readonly string[];
  readonly subnet?: { readonly address: string; readonly source: number; readonly scope: number };
  readonly answer: readonly DrawnRecord[];
  readonly authority: readonly DrawnRecord[];
  readonly additional: readonly DrawnRecord[];
  readonly octets: number;
  readonly elapsedMs: number;
  readonly transport: string;
  readonly server: string;
}

export function responseObject(response: QueryResponse): DrawnResponse {
  const { packet, options } = response;
  const subnet = subnetOf(packet.additionals);
  return {
    rcode: (packet as unknown as { rcode: string }).rcode,
    flags: (['aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const).filter((flag) => packet[`flag_${flag}`]),
    ...(subnet === undefined ? {} : { subnet }),
    answer: drawRecords(packet.answers),
    authority: drawRecords(packet.authorities),
    additional: drawRecords(packet.additionals?.filter((record) => record.type !== 'OPT')),
    octets: response.octets,
    elapsedMs: Math.round(response.elapsedMs * 1000) / 1000,
    transport: response.transport,
    server: `${options.server}#${options.port}`,
  };
}

export function drawResponse(response: QueryResponse): string[] {
  const drawn = responseObject(response);
  const rcode = paint(drawn.rcode === 'NOERROR' ? 'green' : 'red', drawn.rcode);
  const subnet = drawn.subnet;
  return [
    `${rcode}  ${drawn.flags.join(' ')}  ${drawn.octets} octets in ${drawn.elapsedMs} ms over ${drawn.transport} from ${drawn.server}`,
    ...(subnet === undefined
      ? []
      : [`client subnet ${subnet.address}/${subnet.source}, scope /${subnet.scope}`]),
    ...drawSection('answer', drawn.answer),
    ...drawSection('authority', drawn.authority),
    ...drawSection('additional', drawn.additional),
  ];
}

function drawSection(title: string, records: readonly DrawnRecord[]): string[] {
  if (records.length === 0) return [];
  const rows = records.map((record) => [record.name, String(record.ttl), record.type, record.data]);
  return [
    '',
    ...drawTable([title.toUpperCase(), 'TTL', 'TYPE', ''], rows, (text, column, isHeader) => {
      if (isHeader) return paint('dim', text);
      return column === 3 ? paint('bold', text) : text;
    }),
  ];
}

function drawRecords(records: readonly object[] | undefined): DrawnRecord[] {
  return (records ?? []).map((record) => {
    const { name, type, ttl, data } = record as { name: string; type: string; ttl: number; data: unknown };
    return { name: name === '.' ? name : `${name}.`, type, ttl, data: drawData(data) };
  });
}

/** dns-packet gives strings, buffers, lists of them, or objects of named fields. */
function drawData(data: unknown): string {
  if (typeof data === 'string') return data;
  if (typeof data === 'number') return String(data);
  if (data instanceof Uint8Array) return JSON.stringify(Buffer.from(data).toString('latin1'));
  if (Array.isArray(data)) return data.map(drawData).join(' ');
  if (typeof data === 'object' && data !== null) return Object.values(data).map(drawData).join(' ');
  return '';
}

function subnetOf(additionals: readonly object[] | undefined): DrawnResponse['subnet'] {
  for (const record of additionals ?? []) {
    const { type, options } = record as { type: string; options?: readonly object[] };
    if (type !== 'OPT') continue;
    for (const option of options ?? []) {
      const { code, ip, sourcePrefixLength, scopePrefixLength } = option as {
        code: number;
        ip: string;
        sourcePrefixLength: number;
        scopePrefixLength: number;
      };
      if (code === 8) return { address: ip, source: sourcePrefixLength, scope: scopePrefixLength };
    }
  }
  return undefined;
}
