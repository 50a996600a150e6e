/** One log line of a service, which is JSON, as a line for a person, in the form of the events. Pure. */
import { paint } from './print.ts';

const COLOURS: Readonly<Record<string, 'yellow' | 'red'>> = { warn: 'yellow', error: 'red', fatal: 'red' };

/** `08:37:24.557  warn     NATS failed, trying again (reason: connection refused)`. Anything else stays as it is. */
export function drawLog(json: string): string {
  const fields = fieldsOf(json);
  if (fields === undefined) return json.trimEnd();
  const { level, time, service: _, msg, ...others } = fields;
  const facts = Object.entries(others).map(([name, value]) => `${name}: ${textOf(value)}`);
  const word = String(level).padEnd(7);
  const colour = COLOURS[String(level)];
  const because = facts.length === 0 ? '' : paint('dim', ` (${facts.join(', ')})`);
  const when = paint('dim', String(time).slice(11, 23));
  return `${when}  ${colour === undefined ? word : paint(colour, word)}  ${textOf(msg)}${because}`;
}

function fieldsOf(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
