/** Who runs this command, as the owner of an override: `ops@build-7`. */
import { hostname, userInfo } from 'node:os';

export function ownerHere(): string {
  return `${userName()}@${hostname()}`.slice(0, 128);
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? `user-${process.getuid?.() ?? 'unknown'}`;
  }
}
