/** One CloudEvent as one line for a person: when, what, which, from what to what, and why. Pure. */
import type { RecordSet } from '@signpost/contracts/record-set';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { guardHeld, type GuardHeld } from '@signpost/contracts/guard';
import { overrideChanged, timeText, type OverrideChanged } from '@signpost/contracts/override';
import { configChanged, recordsChanged, type RecordsChanged } from '@signpost/contracts/publication';
import { vantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged } from '@signpost/contracts/verdict';

import { paint } from './print.ts';
import { paintState } from './state.ts';

/** `octets`: a whole CloudEvent. An unknown kind is shown by its type rather than hidden. */
export function drawEvent(octets: string): string {
  const health = decodeEvent(healthChanged, octets);
  if (health.ok) {
    const { monitor, target, from, to, reason } = health.value.data;
    const change = `${paintState(from.state)} -> ${paintState(to.state)}`;
    return line(health.value.time, 'health', `${monitor}/${target}  ${change}  ${reason}`);
  }
  const records = decodeEvent(recordsChanged, octets);
  if (records.ok) return line(records.value.time, 'records', drawRecords(records.value.data));
  const override = decodeEvent(overrideChanged, octets);
  if (override.ok) return line(override.value.time, 'override', drawOverride(override.value.data));
  const vantage = decodeEvent(vantageChanged, octets);
  if (vantage.ok) {
    const { vantage: name, from, to, reason } = vantage.value.data;
    const change = `${paintState(from.state)} -> ${paintState(to.state)}`;
    return line(vantage.value.time, 'vantage', `${name}  ${change}  ${reason}`);
  }
  const config = decodeEvent(configChanged, octets);
  if (config.ok) {
    const { revision, zones } = config.value.data;
    return line(config.value.time, 'config', `revision ${revision}, zones ${zones.join(', ')}`);
  }
  const guard = decodeEvent(guardHeld, octets);
  if (guard.ok) return line(guard.value.time, 'guard', drawGuard(guard.value.data));
  return line(new Date(0).toISOString(), 'unknown', octets.slice(0, 200));
}

function line(time: string, noun: string, text: string): string {
  return `${paint('dim', time.slice(11, 23))}  ${paint('cyan', noun.padEnd(7))}  ${text}`;
}

/** `eu-a  drain -> obey  lifted by ops@example.net: done`. */
function drawOverride({ target, change, previous, inForce, by, reason, untilMs }: OverrideChanged): string {
  const from = paintState(previous?.set ?? 'obey');
  const to = paintState(inForce?.set ?? 'obey');
  const until = untilMs === null ? '' : ` until ${timeText(untilMs)}`;
  return `${target}  ${from} -> ${to}${until}  ${change} by ${by}: ${reason}`;
}

function drawGuard({ id, policy, cause, removed, state, by, reason, approve }: GuardHeld): string {
  const share = `${Math.round(removed * 1000) / 10} % of ${policy} by ${cause}`;
  if (state === 'held') return `${id}  ${paint('red', 'held')}  ${share}: ${reason}; ${approve}`;
  return `${id}  ${paint('green', 'lifted')}  ${share}: ${by === undefined ? '' : `${by}, `}${reason}`;
}

const OWNERS_SHOWN = 8;

/** Owners that changed alike stand together, whatever their types: `beta dr go -eu-a +us-a`. */
function drawRecords({ zone, generation, changes, why }: RecordsChanged): string {
  const alike = new Map<string, Set<string>>();
  for (const { owner, before, after } of changes) {
    const difference = drawDifference(before, after);
    const owners = alike.get(difference) ?? new Set();
    alike.set(difference, owners.add(owner === zone ? '@' : owner.slice(0, -zone.length - 1)));
  }
  const shown = [...alike].map(([difference, owners]) => {
    const names = [...owners].slice(0, OWNERS_SHOWN).join(' ');
    const more = owners.size > OWNERS_SHOWN ? ` and ${owners.size - OWNERS_SHOWN} more` : '';
    return `${names}${more} ${difference}`;
  });
  const because = why.length === 0 ? '' : paint('dim', ` (${why.slice(0, 2).join('; ')})`);
  return `${zone} generation ${generation}: ${shown.join(', ')}${because}`;
}

/** What a reader wants to know first: which targets left, which came back; else that something finer changed. */
function drawDifference(before: RecordSet | null, after: RecordSet | null): string {
  if (before === null) return 'new';
  if (after === null) return 'removed';
  const old = targetsOf(before);
  const present = targetsOf(after);
  const gone = [...old].filter((target) => !present.has(target));
  const come = [...present].filter((target) => !old.has(target));
  const parts = [
    ...(gone.length > 0 ? [paint('red', `-${gone.join(' -')}`)] : []),
    ...(come.length > 0 ? [paint('green', `+${come.join(' +')}`)] : []),
  ];
  if (parts.length > 0) return parts.join(' ');
  return before.ttl === after.ttl ? 'changed' : `ttl ${before.ttl} -> ${after.ttl}`;
}

function targetsOf(set: RecordSet): Set<string> {
  if (set.kind === 'static') return new Set(set.rdata);
  return new Set(set.groups.flatMap((group) => group.answers.map((answer) => answer.target)));
}
