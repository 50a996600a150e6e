/** Asks an imported configuration as a client would, with some addresses and hosts down: what its policies mean. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import type { Configuration } from '@signpost/contracts/configuration';
import type { HealthState } from '@signpost/contracts/health';
import type { Place } from '@signpost/contracts/place';
import { parseAddress } from '@signpost/dns/address';
import { createChance, seedOf } from '@signpost/policy/chance';
import { compilePolicy } from '@signpost/policy/compile-policy';
import { NOT_MONITORED, type HealthView } from '@signpost/policy/health-view';
import {
  type ClientView,
  createSelection,
  prepareSteering,
  selectAnswer,
} from '@signpost/policy/select-answer';

import { checkConfiguration, formatMistake } from '../../check-configuration.ts';
import type { Imported } from '../finish-import.ts';
import type { ImportFile } from '../import-source.ts';
import { formatRemark } from '../remark.ts';

export function fixture(name: string): ImportFile {
  return { name, text: readFileSync(new URL(name, import.meta.url), 'utf8') };
}

export interface Good {
  readonly configuration: Configuration;
  readonly yaml: string;
  readonly remarks: readonly string[];
}

/** What was imported, as it is read again; fails where it is not good. */
export function good(imported: Imported): Good {
  assert.ok(imported.ok, imported.ok ? '' : imported.mistakes.map(formatMistake).join('\n'));
  const checked = checkConfiguration(imported.yaml, 'imported');
  assert.ok(checked.ok, checked.ok ? '' : checked.mistakes.map(formatMistake).join('\n'));
  const { yaml, remarks } = imported;
  return { configuration: checked.configuration, yaml, remarks: remarks.map(formatRemark) };
}

export interface Client {
  /** Default: nobody knows where it is. */
  readonly place?: Partial<Place>;
  readonly address?: string;
}

export interface Question {
  readonly owner: string;
  readonly type?: 'A' | 'AAAA' | 'CNAME';
  readonly client?: Client;
  /** Addresses and hosts whose checks fail. */
  readonly down?: readonly string[];
  /** From 0 to below 1. */
  readonly draw?: number;
}

const NOWHERE_IN_PARTICULAR = { continent: '', country: '', subdivision: '', prefixLength: 24 };

/** RDATA of the answers, in the order of the response. */
export function ask(configuration: Configuration, question: Question): readonly string[] {
  return asking(configuration, question)(question.draw ?? 0);
}

/** Answers by draw. */
function asking(configuration: Configuration, question: Question): (draw: number) => readonly string[] {
  const { owner, type = 'A', client = {}, down = [] } = question;
  const [zone] = Object.values(configuration.zones);
  const written = [zone!.records[owner]!].flat();
  const record = written.find((each) => 'steer' in each && (type === 'CNAME' || each.types.includes(type)));
  assert.ok(record !== undefined && 'steer' in record, `${owner} ${type} is not steered`);
  const { targets, pools, policies, defaults } = configuration;
  const health: HealthView = (monitor, name) => {
    if (monitor === undefined) return NOT_MONITORED;
    const { a, aaaa, cname } = targets[name]!;
    const state = (text: string | undefined): HealthState =>
      text !== undefined && down.includes(text) ? 'down' : 'up';
    const [ipv4, ipv6] = [state(a ?? cname), state(aaaa ?? cname)];
    const states = [...(a || cname ? [ipv4] : []), ...(aaaa ? [ipv6] : [])];
    return { state: states.includes('up') ? 'up' : 'down', ipv4, ipv6, reason: '' };
  };
  const set = compilePolicy(
    {
      policyName: record.steer,
      policy: policies[record.steer]!,
      defaultAllDown: defaults.all_down,
      ttl: record.ttl ?? defaults.ttl,
      pools,
      targets,
      policies,
      health,
    },
    type,
  );
  assert.ok(set !== undefined);
  const { family, octets } = parseAddress(client.address ?? '198.18.0.1')!;
  const place = { ...NOWHERE_IN_PARTICULAR, ...client.place };
  const address = new Uint8Array(16);
  address.set(octets);
  const view: ClientView = {
    family,
    address,
    sourceLength: octets.length * 8,
    place: () => place,
    system: () => ({ asn: 0, prefixLength: 0 }),
  };
  const selection = createSelection();
  const steering = prepareSteering(set);
  const chance = createChance(seedOf(set, owner));
  return (draw) => {
    chance.draw[0] = draw;
    selectAnswer(steering, view, chance, selection);
    const { answers } = set.groups[selection.group]!;
    return Array.from(selection.answers.subarray(0, selection.count), (index) => answers[index]!.rdata);
  };
}

/** Which share of a sweep of draws gets each first answer. */
export function shares(
  configuration: Configuration,
  question: Question,
  count = 1_000,
): Record<string, number> {
  const got: Record<string, number> = {};
  const answers = asking(configuration, question);
  for (let at = 0; at < count; at += 1) {
    const [first = 'none'] = answers((at + 0.5) / count);
    got[first] = (got[first] ?? 0) + 1 / count;
  }
  return Object.fromEntries(
    Object.entries(got).map(([rdata, share]) => [rdata, Math.round(share * 100) / 100]),
  );
}
