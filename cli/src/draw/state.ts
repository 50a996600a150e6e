/** Colours of health, of vantages and of authorities: the same in tables, events and explanations. */
import { paint } from './print.ts';

const COLOURS = {
  up: 'green',
  suspect: 'yellow',
  unknown: 'gray',
  down: 'red',
  drain: 'cyan',
  voting: 'green',
  silent: 'red',
  quarantined: 'yellow',
  applying: 'yellow',
  behind: 'red',
} as const;

/** `text` may be padded; its first word is the state. */
export function paintState(text: string): string {
  const state = text.trim();
  return state in COLOURS ? paint(COLOURS[state as keyof typeof COLOURS], text) : text;
}
