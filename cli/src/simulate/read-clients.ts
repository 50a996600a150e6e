/**
 * A file of clients: one resolver a line, `prefix[,weight[,country]]`, to what a population is drawn from. Pure.
 *
 *   192.0.2.0/24,120,DE     2001:db8::/48,,NA-US-CA     198.51.100.7     # and comments
 */
import { COUNTRIES } from '@signpost/contracts/countries';
import { geoCodeProblem, type Place } from '@signpost/contracts/place';
import { parsePrefix, type Prefix } from '@signpost/dns/address';

export interface ClientLine {
  readonly prefix: Prefix;
  /** Absent: its size is drawn. */
  readonly weight?: number;
  /** Absent: as the geo database has it. */
  readonly place?: Place;
}

export type ReadClients =
  | { readonly ok: true; readonly clients: readonly ClientLine[] }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** All mistakes at once, each as `FILE:line: message`. */
export function readClients(text: string, file: string): ReadClients {
  const clients: ClientLine[] = [];
  const mistakes: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') continue;
    const read = readLine(content);
    if (typeof read === 'string') mistakes.push(`${file}:${index + 1}: ${read}`);
    else clients.push(read);
  }
  if (clients.length === 0 && mistakes.length === 0) {
    mistakes.push(`${file}: it names no client; write a line such as 192.0.2.0/24,120,DE`);
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, clients };
}

function readLine(content: string): ClientLine | string {
  const [prefixText = '', weightText = '', country = '', ...rest] = content
    .split(',')
    .map((field) => field.trim());
  if (rest.length > 0) return 'more than three fields; write prefix,weight,country';
  const prefix = parsePrefix(prefixText);
  if (prefix.kind !== 'prefix') return `"${prefixText}" is no prefix; ${prefix.remedy}`;
  const weight = weightText === '' ? undefined : Number(weightText);
  if (weight !== undefined && !(weight > 0 && Number.isFinite(weight))) {
    return `"${weightText}" is no weight; write a number above 0, or leave it out`;
  }
  const place = country === '' ? undefined : placeOf(country, prefix.length);
  if (typeof place === 'string') return place;
  return { prefix, ...(weight !== undefined && { weight }), ...(place !== undefined && { place }) };
}

/** `DE`, or a geo code such as `EU-DE` and `NA-US-CA`. */
function placeOf(text: string, prefixLength: number): Place | string {
  const continentOf = COUNTRIES.get(text);
  const code = continentOf === undefined ? text : `${continentOf}-${text}`;
  const problem = geoCodeProblem(code);
  if (problem !== undefined) return problem;
  const [continent = '', country = '', subdivision = ''] = code.split('-');
  return { continent, country, subdivision, prefixLength };
}
