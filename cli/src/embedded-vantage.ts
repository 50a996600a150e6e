/** Which vantage the one prober of `signpost start` is in. Pure. */

export type EmbeddedVantage =
  | { readonly ok: true; readonly vantage: string }
  | { readonly ok: false; readonly mistake: string };

/** `local` where there is one, else the only vantage that there is; of several others none can be preferred. */
export function embeddedVantage(vantages: readonly string[]): EmbeddedVantage {
  const [only = 'local', ...others] = vantages;
  if (others.length === 0 || vantages.includes('local')) {
    return { ok: true, vantage: others.length === 0 ? only : 'local' };
  }
  const mistake =
    `"signpost start" checks from one vantage, and which one of ${vantages.join(', ')} is not said; ` +
    'write "local: {}" among the vantages, or leave one of them';
  return { ok: false, mistake };
}

/** What to tell when a later configuration has not the vantage any more; a running prober does not move. */
export function vantageLeft(vantage: string, vantages: readonly string[]): string | undefined {
  if (vantages.length === 0 || vantages.includes(vantage)) return undefined;
  return (
    `nothing is checked any more: this process checks from vantage ${vantage}, and the configuration has only ` +
    `${vantages.join(', ')}; start it again, or write "${vantage}: {}" among the vantages`
  );
}
