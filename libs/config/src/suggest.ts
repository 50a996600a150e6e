/**
 * What somebody probably meant: the closest of the names that exist. For messages alone.
 */

/** More names are not compared: a file that lacks a thousand of ten thousand must not take minutes. */
const MOST_COMPARED = 1_000;

/** `did you mean "eu"?` when one is close, else the list of what there is. */
export function suggest(wrong: string, known: readonly string[], kind: string): string {
  const close = closest(wrong, known);
  if (close !== undefined) return `did you mean "${close}"?`;
  if (known.length === 0) return `there are no ${kind}`;
  const shown = known.slice(0, 12).join(', ');
  return `${kind}: ${shown}${known.length > 12 ? ` and ${known.length - 12} more` : ''}`;
}

/** Within a third of its length in edits, at least one. */
export function closest(wrong: string, known: readonly string[]): string | undefined {
  if (known.length > MOST_COMPARED) return undefined;
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of known) {
    if (Math.abs(name.length - wrong.length) >= bestDistance) continue;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Insertions, removals, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
