/**
 * A vantage that is wrong, and vantages that are gone: neither changes an answer, and both are told of. Three
 * probers as processes over real NATS; one of them in a network of its own, which is really cut off.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { connectMessaging } from '@signpost/nats/messaging';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import type { Status } from '@signpost/contracts/status';
import { patterns } from '@signpost/contracts/subjects';
import { vantageChanged, type VantageChanged } from '@signpost/contracts/vantage-standing';
import { eventually } from '@signpost/testkit/eventually';
import { startFarNetwork, type FarNetwork } from '@signpost/testkit/far-network';
import { freePort } from '@signpost/testkit/free-port';
import { namespaceCommands } from '@signpost/testkit/network-namespace';
import { startFailingTargets, type FailingTargets } from '@signpost/testkit/start-failing-targets';
import { startServices, type Services } from '@signpost/testkit/start-services';
import { isFullRun } from '@signpost/testkit/test-scale';
import { watchAnswers, type AnswerWatch } from '@signpost/testkit/watch-answers';

/** One more than it takes for a quarantine. */
const TARGETS = 6;
const numbers = Array.from({ length: TARGETS }, (_, i) => i + 1);
const checkedAt = (n: number): string => `127.1.0.${n}`;
const answerOf = (n: number): string => `192.0.2.${n}`;
const BACKUP = '192.0.2.99';
const FAR = 'ap';

const commands = namespaceCommands();
const skip =
  commands === undefined ? 'it takes Linux with util-linux, iproute2 and root or user namespaces' : false;

const open = new AsyncDisposableStack();
let targets: FailingTargets;
let services: Services;
let far: FarNetwork | undefined;
let watch: AnswerWatch;
const told: VantageChanged[] = [];

before(async () => {
  const port = await freePort();
  targets = open.use(await startFailingTargets({ addresses: numbers.map(checkedAt), port }));
  services = open.use(
    await startServices({ configuration: configuration(port), authorities: 1, without: [FAR] }),
  );
  const { signal } = new AbortController();
  const messaging = open.use(await connectMessaging({ url: services.nats.url, name: 'test', signal }));
  messaging.core.subscribe(patterns.vantageChanges, ({ data }) => {
    const event = decodeEvent(vantageChanged, data);
    if (event.ok) told.push(event.value.data);
  });
  if (commands !== undefined) {
    const places = [`127.0.0.1:${services.nats.port}`, ...numbers.map((n) => `${checkedAt(n)}:${port}`)];
    far = open.use(await startFarNetwork(places, commands));
  }
  await services.startProber(FAR, far?.enter);
  const names = numbers.map((n) => `n-${n}.example.net`);
  watch = open.use(await watchAnswers({ ports: services.dnsPorts, names }));
  watch.ask(new Set(names.keys()), 50);
  await eventually(changedAnswers, (changed) => changed.length === 0, { deadlineMs: 30_000 });
  await allSeeAllWell();
});
after(() => open.disposeAsync());

test('with two of three probers killed verdicts freeze, and the events say so', async () => {
  const changesBefore = changesSoFar();
  const { generation } = (await services.status()).controller;
  for (const vantage of ['us', FAR]) await services.probers.get(vantage)!.kill();
  for (const vantage of ['us', FAR]) {
    const event = await heard(vantage, 'silent');
    assert.match(event.reason, /none of its probers is heard/);
  }
  assert.match(told.at(-1)!.reason, /6 verdicts are frozen for want of votes/);

  targets.behave(checkedAt(2), 'refuse');
  const status = await eventually(services.status, (now) => seenFrom('eu', monitored(now)[1]!) === 'down');
  const { target, state, frozen } = monitored(status)[1]!;
  assert.deepEqual({ target, state, frozen }, { target: 't-2', state: 'up', frozen: true });
  assert.equal(changesSoFar(), changesBefore);
  assert.equal(status.controller.generation, generation);

  await services.startProber('us');
  await heard('us', 'voting');
  await eventually(changedAnswers, (changed) => changed.length === 1 && changed[0] === `n-2 ${BACKUP}`, {
    deadlineMs: 15_000,
    what: 'the verdict that waited for votes',
  });
  targets.behave(checkedAt(2), 'well');
  await services.startProber(FAR, far?.enter);
  await eventually(changedAnswers, (changed) => changed.length === 0, { deadlineMs: 15_000 });
});

test(
  'a vantage that is cut off from all targets is quarantined, and no answer changes',
  { skip },
  async () => {
    await allSeeAllWell();
    const changesBefore = changesSoFar();
    far!.cutOff();
    const event = await heard(FAR, 'quarantined');
    assert.match(event.reason, /sees \d of 6 targets fail, and for \d of them most of the other vantages/);
    const status = await eventually(services.status, (now) =>
      monitored(now).every((target) => seenFrom(FAR, target) === 'down'),
    );
    assert.deepEqual(
      monitored(status).map(({ state }) => state),
      Array(TARGETS).fill('up'),
    );
    assert.equal(changesSoFar(), changesBefore);

    // The two others decide alone.
    targets.behave(checkedAt(1), 'refuse');
    await eventually(changedAnswers, (changed) => changed.length === 1 && changed[0] === `n-1 ${BACKUP}`);
    targets.behave(checkedAt(1), 'well');
    await eventually(changedAnswers, (changed) => changed.length === 0, { deadlineMs: 15_000 });

    far!.rejoin();
    if (isFullRun()) await heard(FAR, 'voting', 60_000); // on probation for half a minute
    assert.equal(changesSoFar(), changesBefore + 2);
  },
);

type TargetStatus = Status['targets'][number];

/** In the order of their numbers; the backup is monitored by nobody. */
function monitored({ targets }: Status): TargetStatus[] {
  return targets
    .filter(({ monitor }) => monitor !== undefined)
    .toSorted((a, b) => a.target.localeCompare(b.target));
}

function seenFrom(vantage: string, { evidence }: TargetStatus): string | undefined {
  return evidence.find((one) => one.vantage === vantage)?.families.ipv4?.state;
}

/** Names that are answered otherwise than all is well. */
function changedAnswers(): string[] {
  return numbers
    .map((n, place) => ({ n, address: watch.seen(0, place)?.address }))
    .filter(({ n, address }) => address !== answerOf(n))
    .map(({ n, address }) => `n-${n} ${address}`);
}

function changesSoFar(): number {
  return numbers.reduce((sum, _, place) => sum + (watch.seen(0, place)?.changes ?? 0), 0);
}

async function heard(vantage: string, state: string, deadlineMs = 15_000): Promise<VantageChanged> {
  const last = (): VantageChanged | undefined => told.findLast((event) => event.vantage === vantage);
  const what = `the event that ${vantage} is ${state}`;
  return (await eventually(last, (event) => event?.to.state === state, { deadlineMs, what }))!;
}

async function allSeeAllWell(): Promise<void> {
  await eventually(
    services.status,
    (status) =>
      status.vantages.every(({ vantage, state }) => {
        return state === 'voting' && monitored(status).every((target) => seenFrom(vantage, target) === 'up');
      }),
    { deadlineMs: 60_000, what: 'three vantages see every target well' },
  );
}

function configuration(port: number): ConfigurationInput {
  const each = <Value>(prefix: string, value: (n: number) => Value): Record<string, Value> =>
    Object.fromEntries(numbers.map((n) => [`${prefix}-${n}`, value(n)]));
  return {
    apiVersion: 'signpost/v1',
    vantages: { eu: {}, us: {}, [FAR]: {} },
    monitors: {
      web: {
        type: 'http',
        url: { host: 'example.net', port },
        interval: '1s',
        timeout: '500ms',
        damping: 'off',
      },
    },
    targets: {
      ...each('t', (n) => ({ a: answerOf(n), check: { address: checkedAt(n) } })),
      backup: { a: BACKUP },
    },
    pools: {
      ...each('p', (n) => ({ monitor: 'web', members: [{ target: `t-${n}` }] })),
      backup: { members: [{ target: 'backup' }] },
    },
    policies: each('s', (n) => ({ rules: [{ try: [`p-${n}`, 'backup'] }] })),
    zones: {
      'example.net': {
        soa: { primary: 'ns1.example.net.', contact: 'dns.example.net.' },
        ns: ['ns1.example.net.'],
        records: {
          ...each('n', (n) => ({ steer: `s-${n}`, types: ['A' as const] })),
          ns1: { type: 'A', value: '192.0.2.53' },
        },
      },
    },
  };
}
