/** Durations as people write them: `250ms`, `10s`, `5m`, `1h`, `7d`. In the code they are milliseconds. */
import * as z from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2]!]!;
}

/** The shortest exact form: 90_000 -> `90s`, 7_200_000 -> `2h`. */
export function formatDuration(durationMs: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const value = durationMs / UNITS[unit]!;
    if (value >= 1 && Number.isInteger(value)) return `${value}${unit}`;
  }
  return `${durationMs}ms`;
}

export const durationSchema = z
  .string()
  .regex(DURATION_PATTERN, 'a duration is a number and a unit: 250ms, 10s, 5m, 1h')
  .transform((text) => parseDuration(text)!)
  .meta({ description: 'A duration such as 250ms, 10s, 5m or 1h.' });
