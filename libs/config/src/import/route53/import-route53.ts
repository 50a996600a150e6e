/**
 * A hosted zone of Route 53, from what its command line tool lists, as a configuration: routing policies as policies,
 * alias trees as nested ones, health checks as monitors. What cannot be said here, or only otherwise, is remarked. Pure.
 *
 *   files ──by their keys──> listings ──by name and type──> groups ──compile──> targets, pools, policies ──> zone
 */
import { NameError } from '@signpost/dns/errors';
import { formatName, parseName } from '@signpost/dns/name-text';

import type { Mistake } from '../../check-configuration.ts';
import { finishImport, type Imported } from '../finish-import.ts';
import { type ImportFile, mistakeAt, readSources } from '../import-source.ts';
import { NounDraft } from '../noun-draft.ts';
import { Remarks } from '../remark.ts';
import { ZoneDraft, type ZoneSettings } from '../zone-draft.ts';
import { GroupCompiler } from './compile-group.ts';
import { emitRecords } from './emit-records.ts';
import { fromOctalEscapes } from './escaped-text.ts';
import { HealthChecks } from './health-checks.ts';
import { placedAddresses } from './placed-addresses.ts';
import { type Listings, readListings } from './read-listings.ts';
import { groupRecords } from './record-groups.ts';

export interface Route53Options extends ZoneSettings {
  /** Apex; absent: as the hosted zone says, or the SOA among the record sets. */
  readonly origin?: string;
}

export function importRoute53(files: readonly ImportFile[], options: Route53Options = {}): Imported {
  const { sources, mistakes: unreadable } = readSources(files);
  const remarks = new Remarks();
  const mistakes: Mistake[] = [...unreadable];
  if (mistakes.length > 0) return { ok: false, mistakes };
  const listings = readListings(sources, { mistakes, remarks });
  const start = sources[0]!.placeOf([], '');
  const apex = apexOf(listings, options.origin);
  if (apex === undefined) {
    const message = 'nothing says which zone it is: there is no SOA and no hosted zone; give --origin';
    mistakes.push(mistakeAt(start, message));
  }
  const names = listings.recordSets.flatMap((set) => nameMistake(set) ?? []);
  mistakes.push(...names);
  if (mistakes.length > 0 || apex === undefined) return { ok: false, mistakes };
  remarkZones(listings, apex, remarks);

  const nouns = new NounDraft();
  const draft = new ZoneDraft(apex, remarks);
  const health = new HealthChecks(listings.healthChecks, nouns, remarks);
  const groups = groupRecords(listings.recordSets, apex, ({ value, placeOf }) => {
    remarks.lost(placeOf('Name'), `it lies outside of ${apex}`, value);
  });
  emitRecords(
    new GroupCompiler({
      draft,
      nouns,
      remarks,
      health,
      groups,
      places: placedAddresses(groups, apex),
      blocks: listings.blocks,
    }),
  );
  health.remarkUnused();
  remarkUnusedBlocks(listings, remarks);
  const place = { ...start, subject: apex };
  return finishImport(
    { nouns, zones: [{ zone: draft, place }], remarks, files: files.map(({ name }) => name) },
    options,
  );
}

function apexOf({ zones, recordSets }: Listings, origin: string | undefined): string | undefined {
  const soa = recordSets.find(({ value }) => value.Type === 'SOA')?.value.Name;
  const text = origin ?? zones[0]?.value.HostedZone.Name ?? soa;
  try {
    return text === undefined ? undefined : formatName(parseName(fromOctalEscapes(text)));
  } catch (error) {
    if (error instanceof NameError) return undefined;
    throw error;
  }
}

function nameMistake({ value, placeOf }: Listings['recordSets'][number]): Mistake | undefined {
  try {
    parseName(fromOctalEscapes(value.Name));
    if (value.AliasTarget !== undefined) parseName(fromOctalEscapes(value.AliasTarget.DNSName));
    return undefined;
  } catch (error) {
    if (error instanceof NameError) return mistakeAt(placeOf(), error.message);
    throw error;
  }
}

function remarkZones({ zones }: Listings, apex: string, remarks: Remarks): void {
  for (const { value, placeOf } of zones) {
    const { Name, Config } = value.HostedZone;
    if (fromOctalEscapes(Name).replace(/\.$/, '').toLowerCase() !== apex) {
      remarks.lost(placeOf('HostedZone', 'Name'), `${Name} is not the zone that is imported, ${apex}`);
    }
    if (Config?.PrivateZone === true) {
      remarks.lost(
        placeOf('HostedZone', 'Config', 'PrivateZone'),
        'the zone is private to its VPCs; here whoever reaches a node gets its answers',
        value.VPCs,
      );
    }
    if (Config?.Comment !== undefined && Config.Comment !== '') {
      remarks.lost(placeOf('HostedZone', 'Config', 'Comment'), `comment ${JSON.stringify(Config.Comment)}`);
    }
  }
}

function remarkUnusedBlocks({ blocks, recordSets }: Listings, remarks: Remarks): void {
  const used = new Set(recordSets.map(({ value }) => value.CidrRoutingConfig?.LocationName));
  for (const [location, own] of blocks) {
    if (used.has(location)) continue;
    for (const { value, placeOf } of own)
      remarks.lost(placeOf(), `no record is for location ${location}: ${value}`);
  }
}
