/**
 * A zone as a zone file that any name server reads: its static records, and of what is steered the answers for a client
 * nobody knows anything about, each marked by a comment. Pure.
 */
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { Branch, RecordSet, SteeredRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeCode } from '@signpost/dns/constants';
import { parseNameKeepingCase } from '@signpost/dns/name-text';
import { encodeRdata } from '@signpost/dns/rdata';
import { formatZoneFile, type WrittenRecord } from '@signpost/dns/zone-file/format-zone-file';

import type { CompiledZone } from '../compile/compile-zone.ts';

/** `apex` in canonical text. */
export function zoneFile(apex: string, { soa, recordSets }: CompiledZone, serial: number): string {
  const records = [soaRecord(apex, { ...soa, serial })];
  const seen = new Set<string>();
  const silent: string[] = [];
  for (const [field, set] of recordSets) {
    const { owner, type } = parseRecordSetField(field);
    const { texts, comment, type: answered } = defaultAnswer(type, set);
    if (texts.length === 0) silent.push(`; ${owner} ${type}: ${comment}, no answer now\n`);
    for (const text of texts) {
      // An alias answers for every type, so each of them has it.
      const key = `${owner} ${answered} ${text}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const code = typeCode(answered)!;
      const record = {
        owner: parseNameKeepingCase(owner),
        type: code,
        ttl: set.ttl,
        rdata: encodeRdata(code, text),
      };
      records.push(comment === undefined ? record : { ...record, comment });
    }
  }
  return silent.join('') + formatZoneFile(records, apex);
}

function soaRecord(apex: string, facts: ZoneFacts['soa']): WrittenRecord {
  const { primary, contact, serial, refresh, retry, expire, negativeTtl, ttl } = facts;
  const text = [primary, contact, serial, refresh, retry, expire, negativeTtl].join(' ');
  return { owner: parseNameKeepingCase(apex), type: RRType.SOA, ttl, rdata: encodeRdata(RRType.SOA, text) };
}

interface DefaultAnswer {
  readonly type: string;
  readonly texts: readonly string[];
  readonly comment?: string;
}

function defaultAnswer(type: string, set: RecordSet): DefaultAnswer {
  if (set.kind === 'static') return { type, texts: set.rdata };
  const { pool, standing, type: answered, answers } = defaultGroup(set);
  const health = standing === 'healthy' ? '' : `, ${standing}`;
  const comment = `steered by policy ${set.policy}: pool ${pool}${health}`;
  // A weight of 0 is never drawn as long as another one is positive.
  const weighted = answers.some(({ weight }) => weight > 0)
    ? answers.filter(({ weight }) => weight > 0)
    : answers;
  // The heaviest first; of an alias there is one.
  const ordered = weighted.toSorted((a, b) => b.weight - a.weight).map(({ rdata }) => rdata);
  return { type: answered, texts: answered === 'CNAME' ? ordered.slice(0, 1) : ordered, comment };
}

/** Of the last rule, which takes everybody, the pool that most clients get, or those whose place is not known. */
function defaultGroup({ rules, branches, groups }: SteeredRecordSet): SteeredRecordSet['groups'][number] {
  let branch = branches[rules.at(-1)!.branch]!;
  while (!('group' in branch)) branch = branches[defaultBranch(branch)]!;
  return groups[branch.group]!;
}

function defaultBranch(branch: Exclude<Branch, { group: number }>): number {
  if ('nearest' in branch) return branch.nearest[0]!.branch;
  if ('fastest' in branch) return branch.fastest[0]!.branch;
  return branch.weighted.toSorted((a, b) => b.weight - a.weight)[0]!.branch;
}
