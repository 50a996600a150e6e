/**
 * The files of an import from Route 53, each known by its keys, in any order and any number: record sets, health checks,
 * the hosted zone, blocks of addresses.
 */
import type * as z from 'zod';

import type { Mistake } from '../../check-configuration.ts';
import { type ImportSource, mistakeAt } from '../import-source.ts';
import { readShape } from '../read-shape.ts';
import { type Remarks, shortly, type SourcePlace } from '../remark.ts';
import {
  cidrBlockShape,
  type HealthCheckListing,
  healthCheckShape,
  type HostedZoneListing,
  hostedZoneShape,
  type RecordSetListing,
  recordSetShape,
} from './listing-shapes.ts';

export interface Placed<Value> {
  readonly value: Value;
  readonly placeOf: (...below: readonly (string | number)[]) => SourcePlace;
}

export interface Listings {
  readonly recordSets: Placed<RecordSetListing>[];
  /** By id. */
  readonly healthChecks: Map<string, Placed<HealthCheckListing>>;
  readonly zones: Placed<HostedZoneListing>[];
  /** By location, prefixes as they are written. */
  readonly blocks: Map<string, Placed<string>[]>;
}

interface Reading {
  readonly mistakes: Mistake[];
  readonly remarks: Remarks;
}

/** Keys of a page that say nothing about its content. */
const PAGING = ['IsTruncated', 'MaxItems', 'Marker', 'ResponseMetadata'];
/** There is more than this page. */
const CUT_SHORT = ['NextToken', 'NextMarker', 'NextRecordName', 'NextRecordType', 'NextRecordIdentifier'];

export function readListings(sources: readonly ImportSource[], reading: Reading): Listings {
  const listings: Listings = { recordSets: [], healthChecks: new Map(), zones: [], blocks: new Map() };
  for (const source of sources) readListing(source, listings, reading);
  return listings;
}

function readListing(source: ImportSource, listings: Listings, reading: Reading): void {
  const { value } = source;
  const content = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const list = <Shape extends z.ZodType>(
    key: string,
    shape: Shape,
    subject: (item: z.output<Shape>) => string,
  ) => readList(source, key, shape, subject, reading);
  const known = ['ResourceRecordSets', 'HealthChecks', 'HealthCheck', 'HostedZone', 'CidrBlocks'];
  if (!known.some((key) => Object.hasOwn(content, key))) {
    const message = `it has none of ${known.join(', ')}; give what "aws route53 list-resource-record-sets" and the like print`;
    reading.mistakes.push(mistakeAt(source.placeOf([], ''), message));
    return;
  }
  listings.recordSets.push(...list('ResourceRecordSets', recordSetShape, recordSubject));
  const single = readOne(source, 'HealthCheck', content['HealthCheck'], healthCheckShape, reading);
  for (const check of [...list('HealthChecks', healthCheckShape, checkSubject), ...single]) {
    listings.healthChecks.set(check.value.Id, check);
  }
  for (const { value: block, placeOf } of list('CidrBlocks', cidrBlockShape, ({ CidrBlock }) => CidrBlock)) {
    const own = listings.blocks.get(block.LocationName) ?? [];
    listings.blocks.set(block.LocationName, [...own, { value: block.CidrBlock, placeOf }]);
  }
  const zoneKeys = Object.keys(hostedZoneShape.shape);
  if (Object.hasOwn(content, 'HostedZone')) {
    const zone = Object.fromEntries(
      zoneKeys.flatMap((key) => (Object.hasOwn(content, key) ? [[key, content[key]]] : [])),
    );
    listings.zones.push(...readOne(source, undefined, zone, hostedZoneShape, reading));
  }
  for (const [key, said] of Object.entries(content)) {
    const place = source.placeOf([key], key);
    if (CUT_SHORT.includes(key) || (key === 'IsTruncated' && said === true)) {
      reading.remarks.lost(place, 'the list is cut short; give the other pages too', said);
    } else if (![...known, ...zoneKeys, ...PAGING].includes(key)) {
      reading.remarks.lost(place, `nothing is known of it: ${shortly(said)}`, said);
    }
  }
}

function readList<Shape extends z.ZodType>(
  source: ImportSource,
  key: string,
  shape: Shape,
  subjectOf: (item: z.output<Shape>) => string,
  reading: Reading,
): Placed<z.output<Shape>>[] {
  const list = (source.value as Record<string, unknown>)[key];
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    reading.mistakes.push(mistakeAt(source.placeOf([key], key), 'it must be a list'));
    return [];
  }
  return list.flatMap((item: unknown, index) => {
    const quick = shape.safeParse(item);
    const subject = quick.success ? subjectOf(quick.data) : `${key}[${index}]`;
    const path = [key, index];
    const value = readShape(shape, item, path, subject, { source, ...reading });
    if (value === undefined) return [];
    return [{ value, placeOf: (...below) => source.placeOf([...path, ...below], subject) }];
  });
}

function readOne<Shape extends z.ZodType>(
  source: ImportSource,
  key: string | undefined,
  item: unknown,
  shape: Shape,
  reading: Reading,
): Placed<z.output<Shape>>[] {
  if (item === undefined) return [];
  const path = key === undefined ? [] : [key];
  const subject = key ?? 'HostedZone';
  const value = readShape(shape, item, path, subject, { source, ...reading });
  if (value === undefined) return [];
  return [{ value, placeOf: (...below) => source.placeOf([...path, ...below], subject) }];
}

/** `www.example.net. A "blue"`. */
function recordSubject({ Name, Type, SetIdentifier }: RecordSetListing): string {
  return `${Name} ${Type}${SetIdentifier === undefined ? '' : ` ${JSON.stringify(SetIdentifier)}`}`;
}

function checkSubject({ Id }: HealthCheckListing): string {
  return `health check ${Id}`;
}
