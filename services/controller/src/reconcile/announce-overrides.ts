/**
 * Emits `override.changed` for each target for which another override counts than was announced, or none any more.
 * What was announced is read from the stream itself, and ids are made from what came before, so a new leader
 * neither repeats an event nor leaves one out.
 */
import { createHash } from 'node:crypto';

import { matchTargets } from '@signpost/config/match-targets';
import { decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import type { Stream } from '@signpost/contracts/messaging';
import { overrideChanged, type Override, type OverrideChanged } from '@signpost/contracts/override';
import { subjects } from '@signpost/contracts/subjects';

import { hasEnded } from '../override/overrides-at.ts';
import type { ControllerState } from './controller-state.ts';
import { mayBeKept } from './event-kept.ts';
import { inChunks } from './in-chunks.ts';

export interface AnnouncedOverride {
  /** Id of the last event; undefined: the stream holds none. */
  readonly eventId: string | undefined;
  readonly inForce: Override | null;
}

export interface AnnounceOverridesOptions {
  readonly events: Stream;
  readonly source: string;
  readonly wallMs: number;
}

type Known = Pick<ControllerState, 'configuration' | 'overrides' | 'present'>;

/** Adds to `announced`, by target. Returns how many events were appended; rejects when NATS is away. */
export async function announceOverrides(
  state: Known,
  announced: Map<string, AnnouncedOverride>,
  options: AnnounceOverridesOptions,
): Promise<number> {
  const targets = Object.keys(state.configuration?.topology.configuration.targets ?? {});
  let appended = 0;
  const due = [...new Set([...targets, ...announced.keys()])].filter((target) => {
    const last = announced.get(target);
    return last === undefined || !isSame(last.inForce, state.present.inForce.get(target));
  });
  await inChunks(due, async (target) => {
    const last = announced.get(target) ?? (await lastAnnounced(target, state, options));
    const inForce = state.present.inForce.get(target) ?? null;
    if (isSame(last.inForce, inForce) || isForgotten(last, inForce, state, options.wallMs)) {
      announced.set(target, { ...last, inForce });
      return;
    }
    const eventId = await append(target, last, inForce, state, options);
    announced.set(target, { eventId, inForce });
    appended += 1;
  });
  return appended;
}

async function lastAnnounced(
  target: string,
  state: Known,
  { events, wallMs }: AnnounceOverridesOptions,
): Promise<AnnouncedOverride> {
  const last = await events.last(subjects.overrideChanged(target));
  const decoded = last === undefined ? undefined : decodeEvent(overrideChanged, last.data);
  if (decoded?.ok === true) return { eventId: decoded.value.id, inForce: decoded.value.data.inForce };
  return { eventId: undefined, inForce: forgottenBeginning(target, state, wallMs) };
}

/** One that began before the stream's memory, and ended: its key is there until that is told. */
function forgottenBeginning(
  target: string,
  { configuration, overrides }: Known,
  wallMs: number,
): Override | null {
  const nouns = configuration?.topology.configuration;
  for (const { lifted, ...override } of overrides.values()) {
    if (mayBeKept(override.sinceMs, wallMs) || !hasEnded({ ...override, lifted }, wallMs)) continue;
    if (nouns !== undefined && matchTargets(override.match, nouns).includes(target)) return override;
  }
  return null;
}

/** It began so long ago that the stream would have forgotten its event. */
function isForgotten(
  { eventId }: AnnouncedOverride,
  inForce: Override | null,
  { configuration }: Known,
  wallMs: number,
): boolean {
  if (eventId !== undefined || inForce === null) return false;
  const sinceMs = inForce.sinceMs === 0 ? (configuration?.atMs ?? 0) : inForce.sinceMs;
  return !mayBeKept(sinceMs, wallMs);
}

function isSame(a: Override | null, b: Override | null | undefined): boolean {
  return a?.id === b?.id;
}

async function append(
  target: string,
  last: AnnouncedOverride,
  inForce: Override | null,
  state: Known,
  { events, source, wallMs }: AnnounceOverridesOptions,
): Promise<string> {
  const chain = `${last.eventId ?? 'first'} ${inForce?.id ?? 'none'}`;
  const id = `override-${target}-${createHash('sha256').update(chain).digest('hex').slice(0, 24)}`;
  const data: OverrideChanged = {
    target,
    ...changeOf(last.inForce, inForce, state, wallMs),
    inForce,
    previous: last.inForce,
    untilMs: inForce?.untilMs ?? null,
  };
  const octets = encodeEvent(overrideChanged, { id, source, subject: target, atMs: wallMs, data });
  await events.append(subjects.overrideChanged(target), octets, { id });
  return id;
}

function changeOf(
  previous: Override | null,
  inForce: Override | null,
  { overrides }: Known,
  wallMs: number,
): Pick<OverrideChanged, 'change' | 'by' | 'reason'> {
  if (inForce !== null) {
    const { by, reason } = inForce;
    return { change: previous === null ? 'began' : 'replaced', by, reason };
  }
  const lifted = overrides.get(previous!.id)?.lifted;
  if (lifted !== undefined) return { change: 'lifted', by: lifted.by, reason: lifted.reason };
  const { by, reason, untilMs } = previous!;
  if (untilMs <= wallMs) return { change: 'expired', by, reason };
  return { change: 'lifted', by: 'configuration', reason: 'the configuration has it no more' };
}
