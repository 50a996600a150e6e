/** One CloudEvent as one line for a person: when, what, which, from what to what, and why. Pure. */
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { guardHeld, type GuardHeld } from '@signpost/contracts/guard';
import { overrideChanged, timeText, type OverrideChanged } from '@signpost/contracts/override';
import { configChanged, recordsChanged, type RecordsChanged } from '@signpost/contracts/publication';
import { vantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged } from '@signpost/contracts/verdict';

import { paint } from './print.ts';
import { drawDifference } from './record-difference.ts';
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
  for (const [owner, differences] of byOwner(changes)) {
    for (const [difference, types] of differences) {
      const label = owner === zone ? '@' : owner.slice(0, -zone.length - 1);
      const owners = alike.get(difference) ?? new Set();
      alike.set(difference, owners.add(differences.size === 1 ? label : `${label} ${types.join(' ')}`));
    }
  }
  const shown = [...alike].map(([difference, owners]) => {
    const names = [...owners].slice(0, OWNERS_SHOWN).join(' ');
    const more = owners.size > OWNERS_SHOWN ? ` and ${owners.size - OWNERS_SHOWN} more` : '';
    return `${names}${more} ${difference}`;
  });
  const because = why.length === 0 ? '' : paint('dim', ` (${why.slice(0, 2).join('; ')})`);
  return `${zone} generation ${generation}: ${shown.join(', ')}${because}`;
}

/** Owner -> what became of it -> of which types; types are told only where they did not change alike. */
function byOwner(changes: RecordsChanged['changes']): ReadonlyMap<string, ReadonlyMap<string, string[]>> {
  const owners = new Map<string, Map<string, string[]>>();
  for (const { owner, type, before, after } of changes) {
    const differences = owners.get(owner) ?? new Map<string, string[]>();
    owners.set(owner, differences);
    const difference = drawDifference(before, after);
    differences.set(difference, [...(differences.get(difference) ?? []), type]);
  }
  return owners;
}
