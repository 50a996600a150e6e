/** The zone that all servers serve while they are mistreated: an answer of each kind, and long ones. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ServedFile } from '../differential/name-servers.ts';

const text = `$ORIGIN example.net.
$TTL 300
@ SOA ns host 1 3600 600 604800 60
@ NS ns
@ MX 10 www
@ TXT "${'x'.repeat(100)}"
ns A 192.0.2.53
www A 192.0.2.1
www AAAA 2001:db8::1
alias CNAME www
loop CNAME loop
*.wild A 192.0.2.7
sub NS ns.sub
ns.sub A 192.0.2.54
long TXT ${Array.from({ length: 3 }, (_, i) => `"${String(i).repeat(233)}"`).join(' ')}
huge TXT ${Array.from({ length: 62 }, (_, i) => `"${String(i % 10).repeat(250)}"`).join(' ')}
${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n')}
`;

export interface HostileZone {
  readonly directory: string;
  readonly files: readonly ServedFile[];
}

/** Whoever calls removes the directory. */
export async function writeHostileZone(): Promise<HostileZone> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-hostile-'));
  const file = join(directory, 'example.net.zone');
  await writeFile(file, text);
  return { directory, files: [{ origin: 'example.net.', file }] };
}
