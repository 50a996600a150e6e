/** The servers that are mistreated, one after the other, and the zone they serve: an answer of each kind, and long ones. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { TEST_UDP } from '@signpost/testkit/udp-layers';
import type { UdpSetting } from '@signpost/udp/udp-layer';

import { type NameServer, type ServerName, SERVERS, startNameServer } from '../differential/name-servers.ts';

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

/** Each of the servers in turn, ours over each of the UDP layers, serving that zone until the next one is asked for. One that is not here is told of. */
export async function* hostileServers(
  t: TestContext,
  names: readonly ServerName[] = SERVERS,
  udpLayers: readonly UdpSetting[] = [TEST_UDP],
): AsyncGenerator<NameServer> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-hostile-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'example.net.zone');
  await writeFile(file, text);
  const zones = [{ origin: 'example.net.', file }];
  for (const name of names) {
    for (const udp of name === 'signpost' ? udpLayers : [undefined]) {
      const env = udp === undefined ? {} : { SIGNPOST_UDP: udp };
      await using server = await startNameServer(name, directory, zones, env);
      if (server === undefined) t.diagnostic(`${name} is not here`);
      else yield server;
    }
  }
}
