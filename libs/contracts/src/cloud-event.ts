/**
 * The envelope of every message: CloudEvents 1.0, structured JSON (the only form the NATS binding knows).
 * `type` is `signpost.<noun>.<past tense>.v1`; a message of another type is refused, not guessed at.
 */
import * as z from 'zod';

import { checkValue, decodeJson, encodeJson, type Decoded } from './decode.ts';

export interface CloudEvent<Data> {
  readonly specversion: '1.0';
  /** Unique per source; deterministic where the same fact may be told twice. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
}

/** A kind of event: its type and the schema of its data. */
export interface EventKind<Schema extends z.ZodType> {
  readonly type: string;
  readonly schema: Schema;
}

export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json';

const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(512),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  subject: z.string().max(512),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  data: z.unknown(),
});

export function encodeEvent<Schema extends z.ZodType>(
  kind: EventKind<Schema>,
  fields: { id: string; source: string; subject: string; atMs: number; data: z.output<Schema> },
): Uint8Array {
  const event: CloudEvent<z.output<Schema>> = {
    specversion: '1.0',
    id: fields.id,
    source: fields.source,
    type: kind.type,
    subject: fields.subject,
    time: new Date(fields.atMs).toISOString(),
    datacontenttype: 'application/json',
    data: fields.data,
  };
  return encodeJson(event);
}

export function decodeEvent<Schema extends z.ZodType>(
  kind: EventKind<Schema>,
  octets: Uint8Array | string,
): Decoded<CloudEvent<z.output<Schema>>> {
  const envelope = decodeJson(envelopeSchema, octets);
  if (!envelope.ok) return envelope;
  if (envelope.value.type !== kind.type) {
    return { ok: false, reason: `type: expected ${kind.type}, got ${envelope.value.type}` };
  }
  const data = checkValue(kind.schema, envelope.value.data);
  if (!data.ok) return { ok: false, reason: `data.${data.reason}` };
  return { ok: true, value: { ...envelope.value, data: data.value } };
}

/** The type of an event without reading its data; undefined when it is no CloudEvent. */
export function eventType(octets: Uint8Array | string): string | undefined {
  const envelope = decodeJson(envelopeSchema, octets);
  return envelope.ok ? envelope.value.type : undefined;
}
