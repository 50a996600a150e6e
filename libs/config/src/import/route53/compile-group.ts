/**
 * What the records of one name and type become: values, a host to be an alias of, or a policy. Records that are aliases
 * of others in the zone follow them, so that a tree of aliases becomes nested policies.
 */
import { nounBase } from '../canonical-names.ts';
import type { CompiledGroup, Compiler } from './compiled-group.ts';
import { canonicalRdata } from '../static-values.ts';
import { fromOctalEscapes } from './escaped-text.ts';
import { entriesOf } from './policy-entries.ts';
import { plainChoice } from './plain-choice.ts';
import { draftPolicy } from './draft-policy.ts';
import type { Placed } from './read-listings.ts';
import type { RecordSetListing } from './listing-shapes.ts';
import {
  type GroupRecord,
  groupKey,
  ownerOfHost,
  type RecordGroup,
  type RecordType,
} from './record-groups.ts';
import type { Route53Zone } from './route53-zone.ts';

const STEERED_TYPES = ['A', 'AAAA', 'CNAME'];

export class GroupCompiler implements Compiler {
  readonly zone: Route53Zone;
  readonly #compiled = new Map<RecordGroup, CompiledGroup | undefined>();

  constructor(zone: Route53Zone) {
    this.zone = zone;
  }

  compile(group: RecordGroup): CompiledGroup | undefined {
    if (this.#compiled.has(group)) return this.#compiled.get(group);
    this.#compiled.set(group, undefined); // for a loop of aliases, which Route 53 refuses
    const compiled = this.#compileNow(group);
    this.#compiled.set(group, compiled);
    return compiled;
  }

  groupAt(host: string, type: RecordType): RecordGroup | undefined {
    const owner = ownerOfHost(host, this.zone.draft.apex);
    return owner === undefined ? undefined : this.zone.groups.get(groupKey(owner, type));
  }

  valuesOf({ value, placeOf }: Placed<RecordSetListing>): readonly string[] {
    return (value.ResourceRecords ?? []).flatMap(({ Value }, index) => {
      const type = value.Type === 'SPF' ? 'TXT' : value.Type;
      const { rdata, problem } = canonicalRdata(type, fromOctalEscapes(Value));
      if (problem !== undefined) {
        this.zone.remarks.lost(placeOf('ResourceRecords', index, 'Value'), `${Value}: ${problem}`);
      }
      return rdata === undefined ? [] : [rdata];
    });
  }

  #compileNow(group: RecordGroup): CompiledGroup | undefined {
    const { zone } = this;
    if (group.routing === 'simple') return this.#compileSimple(group.records[0]!, group.types[0]!);
    if (group.routing === 'unknown') {
      for (const { set, placeOf } of group.records) {
        zone.remarks.lost(placeOf(), 'its routing policy is not known', set);
      }
      return undefined;
    }
    if (group.types.some((type) => !STEERED_TYPES.includes(type))) return plainChoice(group, this);
    const entries = entriesOf(group, this);
    if (entries.length === 0) return undefined;
    const separate =
      group.types.length === 1 && ['A', 'AAAA'].every((type) => zone.groups.has(groupKey(group.owner, type)));
    const suffix = separate ? `-${group.types[0]}` : '';
    return draftPolicy(group, entries, `${nounBase(group.owner, zone.draft.apex)}${suffix}`, zone);
  }

  #compileSimple({ set, placeOf, byType }: GroupRecord, type: RecordType): CompiledGroup | undefined {
    const { remarks, draft } = this.zone;
    if (set.HealthCheckId !== undefined) {
      remarks.lost(
        placeOf('HealthCheckId'),
        `${set.HealthCheckId}: the only record of its name is answered whatever its health`,
      );
    }
    const alias = set.AliasTarget;
    if (alias === undefined)
      return { kind: 'values', ttl: set.TTL, values: new Map([[type, this.valuesOf(byType.get(type)!)]]) };
    const target = this.groupAt(alias.DNSName, type);
    if (target !== undefined) return this.compile(target);
    if (ownerOfHost(alias.DNSName, draft.apex) === undefined && ['A', 'AAAA'].includes(type)) {
      return { kind: 'host', host: fromOctalEscapes(alias.DNSName).toLowerCase() };
    }
    remarks.lost(
      placeOf('AliasTarget'),
      `there is no ${type} record ${alias.DNSName} (zone ${alias.HostedZoneId})`,
    );
    return undefined;
  }
}
