/**
 * What a query should be answered, said plainly over text, maps and fresh objects: the slow, obvious twin of
 * `serve/answer-query.ts`, which is tested against it. Never on the way of a query.
 *
 * It shares no code with the fast path but the decoder of RDATA texts and the policy's own selection. It knows no
 * sizes: everything fits.
 */
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeCode } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { encodeRdata } from '@signpost/dns/rdata';
import type { Message } from '@signpost/dns/reference/read-message';
import { createChance, seedOf } from '@signpost/policy/chance';
import {
  type ClientView,
  createSelection,
  prepareSteering,
  selectAnswer,
} from '@signpost/policy/select-answer';

export interface PlainZone {
  /** Lower case, no final dot. */
  readonly apex: string;
  readonly facts: ZoneFacts;
  /** `owner|TYPE` and the record set. */
  readonly recordSets: ReadonlyArray<readonly [string, RecordSet]>;
}

export interface PlainRecord {
  readonly owner: string;
  readonly type: number;
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

export interface PlainAnswer {
  readonly rcode: number;
  readonly aa: boolean;
  readonly answers: readonly PlainRecord[];
  readonly authority: readonly PlainRecord[];
  readonly additional: readonly PlainRecord[];
  /** Longest prefix that any selection needed, if something is in the answer section. */
  readonly scope: number;
}

const REFUSED: PlainAnswer = { rcode: 5, aa: false, answers: [], authority: [], additional: [], scope: 0 };
const SERVFAIL: PlainAnswer = { ...REFUSED, rcode: 2 };
const MOST_LINKS = 8;

/** For one well-formed question of class IN. The draw is the middle, the turn the first. */
export function answerPlainly(
  zones: readonly PlainZone[],
  message: Message,
  client: ClientView,
): PlainAnswer {
  const [question] = message.questions;
  if (question === undefined || question.class !== 1) return REFUSED;
  const asked: Asked = { zones, qtype: question.type, client };
  return answerFrom(asked, formatName(question.name), [], 0);
}

interface Asked {
  readonly zones: readonly PlainZone[];
  readonly qtype: number;
  readonly client: ClientView;
}

/** `chain` are the CNAMEs written so far. */
function answerFrom(asked: Asked, name: string, chain: readonly PlainRecord[], scope: number): PlainAnswer {
  const zone = zoneFor(asked, name);
  const end = {
    rcode: 0,
    aa: true,
    answers: chain,
    authority: [],
    additional: [],
    scope: chain.length > 0 ? scope : 0,
  };
  if (zone === undefined) return chain.length > 0 ? end : REFUSED;
  const cut = cutAbove(zone, name, asked.qtype);
  const dname = dnameAbove(zone, name);
  if (dname !== undefined && (cut === undefined || !isWithin(dname, cut))) {
    return answerByDname(asked, zone, dname, name, chain, scope);
  }
  if (cut !== undefined) return { ...end, aa: chain.length > 0, ...referral(zone, cut) };
  const source = sourceOf(zone, name);
  if (source === undefined) {
    const isZone = asked.qtype === RRType.DS && asked.zones.some(({ apex }) => apex === name);
    return { ...end, rcode: isZone ? 0 : 3, authority: [soa(zone, Infinity)] };
  }
  const found = choose(asked, zone, source, name);
  if (found.failed === true) return SERVFAIL;
  const newScope = Math.max(scope, found.scope);
  if (found.records.length === 0) {
    return { ...end, authority: [soa(zone, found.ttl)], scope: chain.length > 0 ? newScope : 0 };
  }
  const [first] = found.records;
  const isAlias = first!.type === RRType.CNAME && asked.qtype !== RRType.CNAME && asked.qtype !== RRType.ANY;
  const answers = [...chain, ...(first!.type === RRType.CNAME ? [first!] : withoutDuplicates(found.records))];
  if (!isAlias) {
    const isThere = chain.some(
      ({ type, owner }) => first!.type === RRType.DNAME && type === RRType.DNAME && owner === name,
    );
    const additional = isService(first!.type)
      ? servicesOf(zone, name, first!.type, found.all, [...seenOn(chain), name])
      : additionalOf(zone, answers, found.all);
    return { ...end, answers: isThere ? chain : answers, additional, scope: newScope };
  }
  const target = formatName(first!.rdata);
  if (isLast(answers, target)) return { ...end, answers, scope: newScope };
  return answerFrom(asked, target, answers, newScope);
}

/** RFC 6672 3.1: the DNAME, unless the chain has it already, and the CNAME made from it. */
function answerByDname(
  asked: Asked,
  zone: PlainZone,
  owner: string,
  name: string,
  chain: readonly PlainRecord[],
  scope: number,
): PlainAnswer {
  const [dname] = staticRecords(zone, owner, RRType.DNAME);
  const isThere = chain.some((record) => record.type === RRType.DNAME && record.owner === owner);
  const withDname = isThere ? chain : [...chain, dname!];
  const end = { rcode: 0, aa: true, authority: [], additional: [], scope };
  const suffix = formatName(dname!.rdata);
  const kept = labels(name).slice(0, labels(name).length - labels(owner).length);
  const target = [...kept, ...labels(suffix)].join('.');
  if (target.length + 2 > 255) return { ...end, rcode: 6, answers: withDname };
  const alias = {
    owner: name,
    type: RRType.CNAME,
    ttl: dname!.ttl,
    rdata: encodeRdata(RRType.CNAME, `${target}.`),
  };
  const answers = [...withDname, alias];
  const isAnswered = asked.qtype === RRType.CNAME || asked.qtype === RRType.ANY;
  return isAnswered || isLast(answers, target)
    ? { ...end, answers }
    : answerFrom(asked, target, answers, scope);
}

/** The chain is long enough, or would go where it has been. */
function isLast(answers: readonly PlainRecord[], target: string): boolean {
  const aliases = answers.filter(({ type }) => type === RRType.CNAME);
  return aliases.length === MOST_LINKS || aliases.some(({ owner }) => owner === target);
}

/** An RRset holds no record twice (RFC 2181 5). */
function withoutDuplicates(records: readonly PlainRecord[]): PlainRecord[] {
  const texts = records.map(({ rdata }) => rdata.join());
  return records.filter((_, i) => texts.indexOf(texts[i]!) === i);
}

function zoneFor({ zones, qtype }: Asked, name: string): PlainZone | undefined {
  const holding = zones
    .filter(({ apex }) => isWithin(name, apex))
    .toSorted((a, b) => labels(b.apex).length - labels(a.apex).length);
  const above = holding.find(({ apex }) => apex !== name);
  return qtype === RRType.DS && above !== undefined && !isGivenAway(above, name) ? above : holding[0];
}

/** The DS at `name` is neither in this zone nor hidden by a DNAME of it, but in a zone of others in between. */
function isGivenAway(zone: PlainZone, name: string): boolean {
  const cut = cutAbove(zone, name, RRType.DS);
  const dname = dnameAbove(zone, name);
  return cut !== undefined && (dname === undefined || isWithin(dname, cut));
}

/** The topmost name at or above `name`, below the apex, that has NS records. */
function cutAbove(zone: PlainZone, name: string, qtype: number): string | undefined {
  return ancestors(name)
    .filter((each) => isWithin(each, zone.apex) && each !== zone.apex && labels(each)[0] !== '*')
    .filter((each) => !(qtype === RRType.DS && each === name))
    .findLast((each) =>
      setsAt(zone, each).some(([type, set]) => type === RRType.NS && set.kind === 'static'),
    );
}

/** The topmost name above `name`, in the zone, that has a DNAME and is no zone cut. */
function dnameAbove(zone: PlainZone, name: string): string | undefined {
  return ancestors(name)
    .filter((each) => isWithin(each, zone.apex) && each !== name)
    .filter((each) => cutAbove(zone, each, RRType.A) !== each)
    .findLast((each) => staticRecords(zone, each, RRType.DNAME).length > 0);
}

/** The owner whose records answer for `name`: itself, or the wildcard at its closest encloser. */
function sourceOf(zone: PlainZone, name: string): string | undefined {
  const exists = (each: string) =>
    each === zone.apex || zone.recordSets.some(([field]) => isWithin(ownerOf(field), each));
  if (exists(name)) return name;
  const encloser = ancestors(name).find(exists)!;
  const wildcard = encloser === '.' ? '*' : `*.${encloser}`;
  return exists(wildcard) ? wildcard : undefined;
}

interface PlainChoice {
  readonly records: readonly PlainRecord[];
  /** With those that were not selected. */
  readonly all: readonly PlainRecord[];
  readonly ttl: number;
  readonly scope: number;
  /** SERVFAIL. */
  readonly failed?: true;
}

function choose(asked: Asked, zone: PlainZone, source: string, owner: string): PlainChoice {
  if (asked.qtype !== RRType.ANY) return chooseOne(asked, zone, source, owner);
  const types = new Set(setsAt(zone, source).map(([type]) => type));
  const each = [...types]
    .toSorted((a, b) => a - b)
    .map((qtype) => chooseOne({ ...asked, qtype }, zone, source, owner));
  const first = each.findIndex(({ records }) => records.length > 0);
  const scope = Math.max(0, ...each.slice(0, first < 0 ? each.length : first + 1).map((one) => one.scope));
  if (first >= 0) return { ...each[first]!, scope };
  if (source === zone.apex)
    return { ...chooseOne({ ...asked, qtype: RRType.SOA }, zone, source, owner), scope };
  const failed = each.some((one) => one.failed === true);
  const ttl = Math.min(...each.map((one) => one.ttl));
  return { records: [], all: [], ttl, scope, ...(failed && { failed: true }) };
}

function chooseOne({ qtype, client }: Asked, zone: PlainZone, source: string, owner: string): PlainChoice {
  const sets = setsAt(zone, source).toSorted(([a], [b]) => a - b);
  const nothing = { records: [], all: [], ttl: Infinity, scope: 0 };
  if (source === zone.apex && qtype === RRType.SOA) {
    const record = { ...soa(zone, Infinity), ttl: zone.facts.soa.ttl };
    return { ...nothing, records: [record], all: [record] };
  }
  const [type, set] =
    sets.find(([each]) => each === qtype) ?? sets.find(([each]) => each === RRType.CNAME) ?? [];
  if (type === undefined || set === undefined) return nothing;
  const record = (code: number, text: string) => ({
    owner,
    type: code,
    ttl: set.ttl,
    rdata: encodeRdata(code, text),
  });
  if (set.kind === 'static') {
    const records = set.rdata.map((text) => record(type, text));
    return { ...nothing, records, all: records, ttl: set.ttl };
  }
  const selection = createSelection();
  selectAnswer(prepareSteering(set), client, createChance(seedOf(set, source), 0.5, 1), selection);
  const chosen = set.groups[selection.group]!;
  if (chosen.standing === 'servfail') return { ...nothing, scope: selection.scope, failed: true };
  const all = chosen.answers.map(({ rdata }) => record(typeCode(chosen.type)!, rdata));
  const records = Array.from(selection.answers.subarray(0, selection.count), (index) => all[index]!);
  return { records, all, ttl: set.ttl, scope: selection.scope };
}

function soa(zone: PlainZone, longest: number): PlainRecord {
  const { primary, contact, serial, refresh, retry, expire, negativeTtl, ttl } = zone.facts.soa;
  const text = `${primary} ${contact} ${serial} ${refresh} ${retry} ${expire} ${negativeTtl}`;
  return {
    owner: zone.apex,
    type: RRType.SOA,
    ttl: Math.min(ttl, negativeTtl, longest),
    rdata: encodeRdata(RRType.SOA, text),
  };
}

function referral(zone: PlainZone, cut: string): Pick<PlainAnswer, 'authority' | 'additional'> {
  const servers = staticRecords(zone, cut, RRType.NS);
  const hosts = [...new Set(servers.map(({ rdata }) => formatName(rdata)))];
  const ordered = [
    ...hosts.filter((host) => isWithin(host, cut)),
    ...hosts.filter((host) => !isWithin(host, cut)),
  ];
  return { authority: servers, additional: ordered.flatMap((host) => addresses(zone, host, host)) };
}

/** Addresses in the zone of the hosts that MX, NS and SRV records point at. */
function additionalOf(
  zone: PlainZone,
  answers: readonly PlainRecord[],
  all: readonly PlainRecord[],
): PlainRecord[] {
  const offset = new Map<number, number>([
    [RRType.NS, 0],
    [RRType.MX, 2],
    [RRType.SRV, 6],
  ]).get(answers.at(-1)!.type);
  if (offset === undefined) return [];
  return hostAddresses(
    zone,
    all.map(({ rdata }) => formatName(rdata.subarray(offset))),
  );
}

/** RFC 9460 4.1. `name` owns the records; `seen` are the names that aliases have led through. */
function servicesOf(
  zone: PlainZone,
  name: string,
  type: number,
  records: readonly PlainRecord[],
  seen: readonly string[],
  left = MOST_LINKS,
): PlainRecord[] {
  const targets = records.map(({ rdata }) => formatName(rdata.subarray(2)));
  const alias = targets.find((_, i) => records[i]!.rdata[0] === 0 && records[i]!.rdata[1] === 0);
  if (alias === undefined) {
    const hosts = targets.map((target) => (target === '.' ? name : target));
    return hostAddresses(zone, hosts);
  }
  if (alias === '.' || left === 0 || seen.includes(alias) || !isHere(zone, alias)) return [];
  const next = sourceOf(zone, alias);
  if (next === undefined) return [];
  const services = staticRecords(zone, next, type).map((record) => ({ ...record, owner: alias }));
  if (services.length === 0) return addresses(zone, next, alias);
  return [...services, ...servicesOf(zone, alias, type, services, [...seen, alias], left - 1)];
}

/** Every name that the chain was asked for. */
function seenOn(chain: readonly PlainRecord[]): string[] {
  return chain.filter(({ type }) => type === RRType.CNAME).map(({ owner }) => owner);
}

function isService(type: number): boolean {
  return type === RRType.SVCB || type === RRType.HTTPS;
}

function hostAddresses(zone: PlainZone, hosts: readonly string[]): PlainRecord[] {
  return [...new Set(hosts)]
    .filter((host) => isHere(zone, host))
    .flatMap((host) => addresses(zone, sourceOf(zone, host), host));
}

/** Neither in another zone nor handed elsewhere. */
function isHere(zone: PlainZone, host: string): boolean {
  if (!isWithin(host, zone.apex) || cutAbove(zone, host, RRType.A) !== undefined) return false;
  return dnameAbove(zone, host) === undefined;
}

function addresses(zone: PlainZone, source: string | undefined, owner: string): PlainRecord[] {
  if (source === undefined) return [];
  return [RRType.A, RRType.AAAA].flatMap((type) =>
    staticRecords(zone, source, type).map((record) => ({ ...record, owner })),
  );
}

function staticRecords(zone: PlainZone, owner: string, code: number): PlainRecord[] {
  const records = setsAt(zone, owner).flatMap(([type, set]) =>
    type === code && set.kind === 'static'
      ? set.rdata.map((text) => ({ owner, type, ttl: set.ttl, rdata: encodeRdata(type, text) }))
      : [],
  );
  return withoutDuplicates(records);
}

function setsAt(zone: PlainZone, owner: string): Array<[number, RecordSet]> {
  return zone.recordSets.flatMap(([field, set]) => {
    const type = field.slice(field.lastIndexOf('|') + 1);
    return ownerOf(field) === owner ? [[typeCode(type)!, set] as [number, RecordSet]] : [];
  });
}

function ownerOf(field: string): string {
  return field.slice(0, field.lastIndexOf('|'));
}

/** The name itself first, the root last. No label of ours holds an escaped dot. */
function ancestors(name: string): string[] {
  const parts = labels(name);
  return [...parts.map((_, i) => parts.slice(i).join('.')), '.'];
}

function labels(name: string): string[] {
  return name === '.' ? [] : name.split('.');
}

function isWithin(name: string, ancestor: string): boolean {
  return ancestors(name).includes(ancestor);
}
