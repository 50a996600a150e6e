/** How something is spread over named parts: shares that add up to 1. Pure. */

/** By name. */
export type Spread = ReadonlyMap<string, number>;

/** Undefined: there is nothing to share. */
export function spreadOf(amounts: ReadonlyMap<string, number>): Spread | undefined {
  const total = [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
  if (!(total > 0)) return undefined;
  return new Map([...amounts].map(([name, amount]) => [name, amount / total]));
}

export function sameSpread(a: Spread, b: Spread): boolean {
  return a.size === b.size && [...a].every(([name, share]) => Math.abs((b.get(name) ?? -1) - share) < 1e-9);
}
