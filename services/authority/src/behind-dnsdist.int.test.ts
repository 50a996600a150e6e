/** dnsdist in front of the authority, over UDP and TCP: each client gets the answer of its own network. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';

import { parsePrefix, type Prefix } from '@signpost/dns/address';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { ask, decodeAnswer, type DnsAnswer, encodeQuery } from '@signpost/testkit/dns-client';
import { exchangeUdp } from '@signpost/testkit/dns-exchange';
import { eventually } from '@signpost/testkit/eventually';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { publish } from './testing/memory-sink.ts';
import { proxyHeader } from './testing/proxy-header.ts';
import { APEX, LOOPBACK, startAuthority } from './testing/running-authority.ts';
import { framed } from './testing/stream-listener.ts';
import { group, shown, steeredSet, zoneOf } from './testing/sample-zone.ts';

const GO = `go.${APEX}`;
/** Where dnsdist asks from; clients are on other addresses of the loopback. */
const BALANCER = '127.0.0.1';

/** Which rule answered whom: by the last octet of the address. */
const zone = zoneOf(APEX, 'www A 192.0.2.1', {
  [`${GO}|A`]: steeredSet(
    ['1', '2', '3', '9'].map((octet) => group('A', [`192.0.2.${octet}`])),
    {
      rules: [
        { when: [{ subnets: ['127.0.0.1/32'] }], branch: 0 },
        { when: [{ subnets: ['127.0.0.2/32', '2001:db8:2::/48'] }], branch: 1 },
        { when: [{ subnets: ['127.0.0.3/32'] }], branch: 2 },
        { branch: 3 },
      ],
    },
  ),
});

async function start(t: TestContext) {
  const store = createMemoryRecordStore();
  await publish(store.writer, [zone]);
  const proxyFrom = [parsePrefix(`${BALANCER}/32`) as Prefix];
  const authority = await startAuthority(t, { proxyFrom, endpoints: [LOOPBACK] }, store);
  return { authority, port: authority.endpoints[0]!.port };
}

const octetOf = ({ answers }: DnsAnswer) => shown(answers)[0]?.split('.').at(-1);

const dropped = async (authority: { metrics(): Promise<string> }, reason: string) =>
  Number(new RegExp(`dropped_total\\{reason="${reason}"\\} (\\d+)`).exec(await authority.metrics())?.[1]);

test('over UDP the header names the client, of either family; anybody else speaks for themselves', async (t) => {
  const { authority, port } = await start(t);
  const query = framed.subarray(2);
  const question = { name: GO, type: 'A', server: '127.0.0.1', port };
  const through = async (header: Buffer, from?: string) => {
    const message = encodeQuery({ name: GO, type: 'A', id: 0x0d0a });
    const bytes = await exchangeUdp(Buffer.concat([header, message]), { ...question, ...(from && { from }) });
    return decodeAnswer(bytes);
  };
  const ipv6 = Buffer.from('20010db8000200000000000000000001', 'hex');
  assert.equal(octetOf(await through(proxyHeader(Uint8Array.of(127, 0, 0, 2)))), '2');
  assert.equal(octetOf(await through(proxyHeader(Uint8Array.of(127, 0, 0, 3), { isStream: true }))), '3');
  assert.equal(octetOf(await through(proxyHeader(ipv6, { tlvs: Uint8Array.of(4, 0, 1, 7) }))), '2');
  assert.equal(octetOf(await through(proxyHeader(Uint8Array.of(192, 0, 2, 1)))), '9');
  assert.equal(octetOf(await through(proxyHeader(undefined))), '1');

  const stranger = await through(proxyHeader(Uint8Array.of(127, 0, 0, 2)), '127.0.0.3');
  assert.deepEqual([stranger.rcode, stranger.answers], ['NOTIMP', []]);
  assert.equal(octetOf(await ask({ ...question, from: '127.0.0.3' })), '3');

  assert.equal(await dropped(authority, 'proxy_malformed'), 0);
  const cut = proxyHeader(Uint8Array.of(127, 0, 0, 2)).subarray(0, 20);
  for (const packet of [query, cut]) {
    await assert.rejects(
      exchangeUdp(packet, { server: '127.0.0.1', port, timeoutMs: 100 }),
      /did not answer/,
    );
  }
  await eventually(async () => (await dropped(authority, 'proxy_malformed')) === 2);
});

let dnsdist: string | undefined;
before(async () => (dnsdist = await findDebianTool('dnsdist', 'dnsdist')));

for (const tcpOnly of [false, true]) {
  const asked = tcpOnly ? 'which asks over TCP alone' : 'which asks as it is asked';
  test(`behind dnsdist, ${asked}, each client is steered by its own address`, async (t) => {
    if (dnsdist === undefined) return t.skip('dnsdist is not here: install dnsdist');
    const { authority, port } = await start(t);
    const question = {
      name: GO,
      type: 'A',
      server: '127.0.0.1',
      port: await startDnsdist(t, dnsdist, port, tcpOnly),
    };
    for (let round = 0; round < 3; round += 1) {
      for (const tcp of [false, true]) {
        for (const [from, octet] of [
          ['127.0.0.1', '1'],
          ['127.0.0.2', '2'],
          ['127.0.0.3', '3'],
          ['127.0.0.4', '9'],
        ] as const) {
          const answer = await ask({ ...question, from, tcp });
          assert.equal(octetOf(answer), octet, `${from} over ${tcp ? 'TCP' : 'UDP'}`);
        }
      }
    }
    assert.equal(await dropped(authority, 'proxy_malformed'), 0);
  });
}

/** The port that it answers on, once its own health check, which comes as LOCAL, calls the authority up. */
async function startDnsdist(
  t: TestContext,
  program: string,
  backend: number,
  tcpOnly: boolean,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-dnsdist-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(directory, 'dnsdist.conf');
  await writeFile(
    file,
    `setLocal('127.0.0.1:${port}')
setACL('127.0.0.0/8')
setSecurityPollSuffix('')
newServer({ address = '127.0.0.1:${backend}', source = '${BALANCER}', useProxyProtocol = true, tcpOnly = ${tcpOnly},
  checkName = 'www.${APEX}.', checkType = 'A', mustResolve = true, checkInterval = 1, maxCheckFailures = 1 })
`,
  );
  const started = await startGuardedProcess(program, ['--supervised', '--disable-syslog', '-C', file]);
  t.after(() => started.stop());
  await started.waitForLine(/Marking downstream .*as 'up'/);
  return port;
}
