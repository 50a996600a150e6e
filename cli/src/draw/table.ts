/** Plain columns: a header and rows, padded to the widest cell. Pure; colour is put on by `paintCell` afterwards. */

export function drawTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  paintCell: (text: string, column: number, isHeader: boolean) => string = (text) => text,
): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const drawRow = (row: readonly string[], isHeader: boolean): string =>
    row
      .map((cell, column) => {
        const padded = column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
        return paintCell(padded, column, isHeader);
      })
      .join('  ')
      .trimEnd();
  return [drawRow(header, true), ...rows.map((row) => drawRow(row, false))];
}

/** `3 s`, `2 min`, `5 h`, `4 d`: how long ago, in the largest unit that fits. */
export function drawAge(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
