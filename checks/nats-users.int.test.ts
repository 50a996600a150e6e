/** The users of deploy/nats/users.conf at a real server: each may do its part, and is refused the rest. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { connect } from '@nats-io/transport-node';
import type { Messaging } from '@signpost/contracts/messaging';
import { buckets, patterns, streams, subjects } from '@signpost/contracts/subjects';
import { connectMessaging } from '@signpost/nats/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { startNats } from '@signpost/testkit/start-nats';

import { makeSecrets } from './made-secrets.ts';

const EMPTY = new Uint8Array();

describe('each user may do its part', () => {
  test('the controller makes streams and buckets, writes, reads, announces and asks for resends', async () => {
    await using cluster = await startCluster();
    await using controller = await cluster.connect('controller');
    const bucketOf = (bucket: (typeof buckets)[keyof typeof buckets]) =>
      controller.bucket(bucket, { create: true, signal: never() });
    for (const bucket of Object.values(buckets)) {
      const opened = await bucketOf(bucket);
      assert.equal((await opened.create('a', EMPTY)).kind, 'written');
      assert.equal((await opened.update('a', EMPTY, 1)).kind, 'written');
      assert.equal((await opened.get('a'))?.revision, 2);
      assert.deepEqual(await opened.keys(), ['a']);
      await opened.delete('a');
    }
    const health = await controller.stream(streams.health, { create: true, signal: never() });
    await using following = await health.follow({
      pattern: patterns.healthReports,
      from: 'last-per-subject',
      listener: () => {},
    });
    await following.caughtUp;
    await health.purge(subjects.healthReport('m', 't', 'eu', 'p'));
    const events = await controller.stream(streams.events, { create: true, signal: never() });
    for (const subject of [
      subjects.healthChanged('m', 't'),
      subjects.recordsChanged('example.net.'),
      subjects.overrideChanged('t'),
      subjects.configChanged(),
      subjects.vantageChanged('eu'),
      subjects.guardHeld(),
    ]) {
      await events.append(subject, EMPTY, { id: subject });
      assert.equal((await events.last(subject))?.subject, subject);
    }
    assert.deepEqual(cluster.errors, []);
  });

  test('a prober follows its assignments, reports, sends heartbeats, answers a resend and asks others to probe', async () => {
    await using cluster = await startCluster();
    await using controller = await cluster.connect('controller');
    await using prober = await cluster.connect('prober-eu');
    await using elsewhere = await cluster.connect('prober-us');
    const assigned = await controller.bucket(buckets.probes, { create: true, signal: never() });
    const reports = await controller.stream(streams.health, { create: true, signal: never() });
    await assigned.put('eu.0', EMPTY);
    const heard: string[] = [];
    using _heartbeats = controller.core.subscribe(patterns.proberHeartbeats, (message) =>
      heard.push(message.subject),
    );

    using _asked = elsewhere.core.subscribe(patterns.probesNow, (message) => heard.push(message.subject));

    const bucket = await prober.bucket(buckets.probes, { create: false, signal: never() });
    const seen: string[] = [];
    await using watching = await bucket.watch({ pattern: 'eu.>', listener: ({ key }) => seen.push(key) });
    await watching.caughtUp;
    assert.deepEqual(seen, ['eu.0']);
    const stream = await prober.stream(streams.health, { create: false, signal: never() });
    const report = subjects.healthReport('m', 't', 'eu', 'p');
    await stream.append(report, EMPTY, { id: '1' });
    assert.equal((await reports.last(report))?.subject, report);
    using _resend = prober.core.respond(subjects.proberResend('eu', 'p'), () => new Uint8Array([7]));
    await eventually(async () => {
      prober.core.publish(subjects.proberHeartbeat('eu', 'p'), EMPTY);
      prober.core.publish(subjects.probeNow('m', 't'), EMPTY);
      const answer = await controller.core.request(subjects.proberResend('eu', 'p'), EMPTY, 500);
      const wanted = [subjects.proberHeartbeat('eu', 'p'), subjects.probeNow('m', 't')];
      return answer[0] === 7 && wanted.every((subject) => heard.includes(subject));
    });
    assert.deepEqual(cluster.errors, []);
  });

  test('a signal is heard, from whoever may send it and from the controller that forwards it', async () => {
    await using cluster = await startCluster();
    await using controller = await cluster.connect('controller');
    await using signal = await cluster.connect('signal');
    const heard: string[] = [];
    using _heartbeats = controller.core.subscribe(patterns.targetHeartbeats, ({ subject }) =>
      heard.push(subject),
    );
    using _loads = controller.core.subscribe(patterns.targetLoads, ({ subject }) => heard.push(subject));
    using _latencies = controller.core.subscribe(patterns.latencySignals, ({ subject }) =>
      heard.push(subject),
    );
    const ofSignal = [subjects.targetHeartbeat('a'), subjects.targetLoad('a'), subjects.latencySignal('a')];
    const ofController = [
      subjects.targetHeartbeat('b'),
      subjects.targetLoad('b'),
      subjects.latencySignal('b'),
    ];
    await eventually(() => {
      for (const subject of ofSignal) signal.core.publish(subject, EMPTY);
      for (const subject of ofController) controller.core.publish(subject, EMPTY);
      return [...ofSignal, ...ofController].every((subject) => heard.includes(subject));
    });
    assert.deepEqual(cluster.errors, []);
  });

  test('a subscriber sees health, records, overrides, configuration and vantages change, and an authority is heard', async () => {
    await using cluster = await startCluster();
    await using controller = await cluster.connect('controller');
    await using authority = await cluster.connect('authority');
    await using subscriber = await cluster.connect('subscriber');
    const events = await controller.stream(streams.events, { create: true, signal: never() });
    const seen = new Set<string>();
    const note = ({ subject }: { subject: string }) => void seen.add(subject);
    using _health = subscriber.core.subscribe('signpost.health.>', note);
    using _records = subscriber.core.subscribe('signpost.records.>', note);
    using _overrides = subscriber.core.subscribe('signpost.override.>', note);
    using _config = subscriber.core.subscribe('signpost.config.>', note);
    using _vantages = subscriber.core.subscribe('signpost.vantage.>', note);
    using _authorities = controller.core.subscribe(patterns.authorityHeartbeats, note);
    using _samples = controller.core.subscribe(patterns.answerSamples, note);
    const wanted = [
      subjects.healthChanged('m', 't'),
      subjects.recordsChanged('example.net.'),
      subjects.overrideChanged('t'),
      subjects.configChanged(),
      subjects.vantageChanged('eu'),
      subjects.authorityHeartbeat('n'),
      subjects.answersSampled('example.net'),
    ];
    let attempt = 0;
    await eventually(async () => {
      attempt += 1;
      for (const subject of wanted.slice(0, -2)) {
        await events.append(subject, EMPTY, { id: `${subject} ${attempt}` });
      }
      authority.core.publish(subjects.authorityHeartbeat('n'), EMPTY);
      authority.core.publish(subjects.answersSampled('example.net'), EMPTY);
      return wanted.every((subject) => seen.has(subject));
    });
    assert.deepEqual(cluster.errors, []);
  });
});

describe('and is refused the rest', () => {
  const cases: [user: string, publishes: string[], subscribes: string[]][] = [
    [
      'controller',
      [
        subjects.healthReport('m', 't', 'eu', 'p'),
        '$JS.API.STREAM.DELETE.SIGNPOST_EVENTS',
        '_INBOX.prober-eu.x',
      ],
      ['_INBOX.>', '_INBOX.prober-eu.>', '$KV.>', '>'],
    ],
    [
      'prober-eu',
      [
        subjects.healthReport('m', 't', 'us', 'p'),
        subjects.proberHeartbeat('us', 'p'),
        subjects.healthChanged('m', 't'),
        subjects.overrideChanged('t'),
        subjects.proberResend('us', 'p'),
        subjects.latencySignal('t'),
        '$KV.signpost_probes.eu.0',
        '$KV.signpost_overrides.a',
        '$KV.signpost_lease.controller',
        '$JS.API.STREAM.CREATE.X',
        '$JS.API.STREAM.PURGE.SIGNPOST_HEALTH',
        '$JS.API.CONSUMER.CREATE.KV_signpost_config',
        '_INBOX.controller.x',
      ],
      [subjects.proberResend('us', 'p'), patterns.healthReports, '_INBOX.>', '_INBOX.controller.>', '>'],
    ],
    [
      'authority',
      [
        subjects.latencySignal('t'),
        subjects.healthReport('m', 't', 'eu', 'p'),
        subjects.recordsChanged('example.net.'),
        subjects.probeNow('m', 't'),
        '$JS.API.STREAM.INFO.X',
      ],
      [patterns.healthChanges, patterns.answerSamples, '_INBOX.authority.>', '>'],
    ],
    [
      'signal',
      [
        subjects.healthReport('m', 't', 'eu', 'p'),
        subjects.proberHeartbeat('eu', 'p'),
        subjects.vantageChanged('eu'),
        '$JS.API.STREAM.INFO.SIGNPOST_EVENTS',
      ],
      [patterns.targetHeartbeats, '_INBOX.signal.>', '>'],
    ],
    [
      'subscriber',
      [subjects.healthChanged('m', 't'), '$JS.API.STREAM.INFO.SIGNPOST_EVENTS', 'anything'],
      ['_INBOX.>', '$KV.>', patterns.proberHeartbeats, 'signpost.>', '>'],
    ],
  ];
  for (const [user, publishes, subscribes] of cases) {
    test(user, async () => {
      await using cluster = await startCluster();
      assert.deepEqual(await cluster.refusals(user, publishes, subscribes), [
        ...publishes.map((subject) => `publish ${subject}`),
        ...subscribes.map((subject) => `subscription ${subject}`),
      ]);
    });
  }

  test('somebody without a name or with a wrong password is refused altogether', async () => {
    await using cluster = await startCluster();
    await assert.rejects(connect({ servers: cluster.url, reconnect: false }), /authorization/i);
    await assert.rejects(
      connect({ servers: cluster.url, user: 'controller', pass: 'x', reconnect: false }),
      /authorization/i,
    );
  });
});

/** A server with our users, and their passwords as the set-up makes them. */
async function startCluster() {
  using secrets = makeSecrets();
  const passwords = secrets.read('nats/passwords.conf');
  const users = readFileSync('deploy/nats/users.conf', 'utf8').replace(/^include .*$/m, passwords);
  const server = await startNats({ jetstream: true, config: users });
  const url = server.url;
  const errors: unknown[] = [];
  const passwordOf = (user: string) =>
    new RegExp(`^${user.toUpperCase().replaceAll('-', '_')}: "(.+)"$`, 'm').exec(passwords)![1]!;
  return {
    url,
    /** What the server refused of those who connected. */
    errors,
    connect: (user: string): Promise<Messaging> =>
      connectMessaging({
        url,
        user,
        pass: passwordOf(user),
        name: user,
        signal: never(),
        onError: (error) => errors.push(error),
      }),
    /** Publishes and subscribes as `user`; what was refused, in order. */
    async refusals(user: string, publishes: string[], subscribes: string[]): Promise<string[]> {
      const nats = await connect({ servers: url, user, pass: passwordOf(user), reconnect: false });
      const refused: string[] = [];
      const reading = (async () => {
        for await (const status of nats.status()) {
          if (status.type !== 'error') continue;
          const { operation, subject } = status.error as Error & { operation?: string; subject?: string };
          refused.push(`${operation} ${subject}`);
        }
      })();
      for (const subject of publishes) nats.publish(subject, EMPTY);
      for (const subject of subscribes) nats.subscribe(subject, { callback: () => {} });
      // The server answers in order: what it refused has been told by then.
      await nats.flush();
      await nats.close();
      await reading;
      return refused;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
