/** The merge key `<<` of YAML 1.1, which octoDNS's reader knows and YAML 1.2 does not: a key of its own goes first. */
export function mergedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mergedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.entries(value).filter(([key]) => key !== '<<');
  const merged: Record<string, unknown> = Object.fromEntries(
    own.map(([key, each]) => [key, mergedKeys(each)]),
  );
  const bases: unknown = (value as Record<string, unknown>)['<<'];
  for (const base of Array.isArray(bases) ? bases : [bases]) {
    if (typeof base !== 'object' || base === null) continue;
    for (const [key, each] of Object.entries(mergedKeys(base) as object)) {
      if (!Object.hasOwn(merged, key)) merged[key] = each;
    }
  }
  return merged;
}
