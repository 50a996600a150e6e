/**
 * Records of types that no policy answers with here, though Route 53 chooses among them: of several the one that most
 * clients get becomes a static record, of a multivalue answer all.
 */
import type { CompiledGroup, Compiler } from './compiled-group.ts';
import type { GroupRecord, RecordGroup } from './record-groups.ts';

export function plainChoice(group: RecordGroup, compiler: Compiler): CompiledGroup | undefined {
  const { remarks } = compiler.zone;
  const [type] = group.types;
  const known = group.records.flatMap((record) => {
    const found = valuesOf(record, type!, compiler);
    if (found === undefined) remarks.lost(record.placeOf(), `it leads to no ${type} record`, record.set);
    return found === undefined ? [] : [{ record, ...found }];
  });
  const all = group.routing === 'multivalue';
  const chosen = all ? known : known.toSorted((a, b) => rank(b.record) - rank(a.record)).slice(0, 1);
  for (const { record } of known) {
    const isChosen = chosen.some((each) => each.record === record);
    const what = `${type} records are not steered here`;
    if (isChosen) {
      const instead = all ? 'all clients get all of them, whatever their health' : 'all clients get this one';
      remarks.changed(record.placeOf(), `${what}; ${instead}`, record.set);
    } else remarks.lost(record.placeOf(), what, record.set);
  }
  if (chosen.length === 0) return undefined;
  const ttl = Math.min(...chosen.map((each) => each.ttl ?? Number.POSITIVE_INFINITY));
  const values = new Map([[type!, [...new Set(chosen.flatMap((each) => each.values))]]]);
  return { kind: 'values', ttl: Number.isFinite(ttl) ? ttl : undefined, values };
}

function valuesOf(
  { set, byType }: GroupRecord,
  type: string,
  compiler: Compiler,
): { readonly values: readonly string[]; readonly ttl: number | undefined } | undefined {
  if (set.AliasTarget === undefined) {
    const values = compiler.valuesOf(byType.get(type)!);
    return values.length === 0 ? undefined : { values, ttl: set.TTL };
  }
  const group = compiler.groupAt(set.AliasTarget.DNSName, type);
  const compiled = group === undefined ? undefined : compiler.compile(group);
  if (compiled?.kind !== 'values') return undefined;
  return { values: compiled.values.get(type) ?? [], ttl: compiled.ttl };
}

/** The primary, the heaviest, the one for everybody else, the nearest to nowhere. */
function rank({ set }: GroupRecord): number {
  if (set.Failover === 'PRIMARY' || set.GeoLocation?.CountryCode === '*') return 1_000;
  if (set.CidrRoutingConfig?.LocationName === '*') return 1_000;
  return set.Weight ?? 0;
}
