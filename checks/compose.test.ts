/** The compose project is what the code needs: its configuration, its contracts, and what a container may do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { checkConfiguration } from '@signpost/config/check-configuration';
import { keys } from '@signpost/contracts/keys';
import { buckets, patterns, streams, subjects } from '@signpost/contracts/subjects';
import { ACL_KEYS, READER_ACL, WRITER_ACL } from '@signpost/redis/acl-commands';
import { parse } from 'yaml';

const read = (file: string): string => readFileSync(file, 'utf8');

describe('deploy/signpost.compose.yaml', () => {
  const file = 'deploy/signpost.compose.yaml';

  test('is a valid configuration', () => {
    const checked = checkConfiguration(read(file), file);
    assert.deepEqual(checked.ok ? [] : checked.mistakes, []);
  });

  test('is the example, but for the vantages and where its targets are probed', () => {
    const ours = parse(read(file)) as Configuration;
    const example = parse(read('signpost.example.yaml')) as Configuration;
    const { services } = composeFile();
    for (const [name, target] of Object.entries(ours.targets)) {
      const { address, port } = target.check;
      assert.equal(port, example.targets[name]!.check.port, name);
      assert.ok(services[address]!.command!.includes(`0.0.0.0:${port}`), `${address} listens on ${port}`);
      target.check.address = example.targets[name]!.check.address;
    }
    const probers = Object.values(services).flatMap(
      ({ environment }) => environment?.['SIGNPOST_VANTAGE'] ?? [],
    );
    assert.deepEqual(Object.keys(ours.vantages), probers);
    assert.deepEqual({ ...ours, vantages: example.vantages }, example);
  });
});

describe('users', () => {
  test('of NATS are granted only subjects, streams and buckets that exist', () => {
    const granted = [...read('deploy/nats/users.conf').matchAll(/"([^"]+)"/g)].map((match) => match[1]!);
    const known = [
      ...Object.values(subjects).map((subject) => subject('a', 'b', 'c', 'd')),
      ...Object.values(patterns),
    ];
    for (const pattern of granted.filter((one) => one.startsWith('signpost.'))) {
      assert.ok(
        known.some((subject) => overlap(pattern, subject)),
        pattern,
      );
    }
    const stored = new Set<string>([
      ...Object.values(streams).map(({ name }) => name),
      ...Object.values(buckets).map(({ name }) => `KV_${name}`),
    ]);
    for (const grant of granted) {
      const name = /^\$KV\.(\w+)\.>$/.exec(grant)?.[1];
      const stream = name === undefined ? /^\$JS\..*\b((?:KV|SIGNPOST)_\w+)/.exec(grant)?.[1] : `KV_${name}`;
      assert.ok(stream === undefined || stored.has(stream), grant);
    }
    for (const { name } of Object.values(buckets)) assert.ok(granted.includes(`$KV.${name}.>`), name);
  });

  test('of Redis are granted what libs/redis says it needs, on our keys', () => {
    const rules = new Map(
      read('deploy/redis/users.acl.template')
        .split('\n')
        .filter((line) => line.startsWith('user '))
        .map((line) => [line.split(' ')[1]!, line]),
    );
    assert.deepEqual(rules.get('controller')!.split(' ').slice(4), [
      'resetchannels',
      ACL_KEYS,
      '-@all',
      ...WRITER_ACL,
    ]);
    const readOnly = ACL_KEYS.replace('~', '%R~');
    assert.deepEqual(rules.get('authority')!.split(' ').slice(4), [
      'resetchannels',
      readOnly,
      '-@all',
      ...READER_ACL,
    ]);
    assert.equal(rules.get('default'), 'user default off resetchannels -@all');
    const prefix = ACL_KEYS.slice(1, -1);
    for (const key of [
      keys.zone('a.'),
      keys.zones,
      keys.generation,
      keys.writer,
      keys.changes,
      keys.controller,
    ]) {
      assert.ok(key.startsWith(prefix), key);
    }
  });
});

describe('docker-compose.yml', () => {
  const { services, volumes } = composeFile();

  for (const [name, service] of Object.entries(services)) {
    test(`${name} runs unprivileged, with a read-only root and bounded memory, processes and logs`, () => {
      assert.equal(service.user, '65532:65532');
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.equal(service.cap_add, undefined);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      assert.ok(service.mem_limit && service.pids_limit && service.logging?.options['max-size']);
    });

    test(`${name} publishes on loopback only, and sees no secrets but its own`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
      if (name === 'secrets') return; // it makes them
      const mounted = (service.volumes ?? []).map((volume) =>
        typeof volume === 'string' ? { source: volume, read_only: volume.endsWith(':ro') } : volume,
      );
      const secrets = mounted.filter(({ source }) => source.startsWith('secrets-'));
      const own = Object.keys(volumes).filter((volume) => volume === `secrets-${name}`);
      assert.deepEqual(
        secrets.map(({ source }) => source),
        own,
      );
      for (const secret of secrets) assert.equal(secret.read_only, true);
    });
  }

  test('images can be replaced by variables', () => {
    for (const [name, { image }] of Object.entries(services))
      assert.match(image, /^\$\{[A-Z_]+:-[^}]+\}$/, name);
  });

  test('every variable it gives to a service is documented, and every one it takes is in docs/operations.md', () => {
    const documented = read('docs/configuration.md');
    for (const { environment = {} } of Object.values(services)) {
      for (const variable of Object.keys(environment)) {
        assert.ok(documented.includes(`\`${variable.replace(/_FILE$/, '')}\``), variable);
      }
    }
    const operations = read('docs/operations.md');
    const files = read('docker-compose.yml') + read('docker-compose.bridge.yml');
    for (const [, taken] of files.matchAll(/\$\{([A-Z_]+):-/g))
      assert.ok(operations.includes(`\`${taken}\``), taken);
  });
});

interface Configuration {
  vantages: Record<string, unknown>;
  targets: Record<string, { check: { address: string; port: number } }>;
}

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly mem_limit: string;
  readonly pids_limit: number;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string; readonly read_only?: boolean })[];
}

function composeFile(): { services: Record<string, Service>; volumes: Record<string, unknown> } {
  return parse(read('docker-compose.yml'), { merge: true, maxAliasCount: -1 }) as ReturnType<
    typeof composeFile
  >;
}

/** Whether some subject matches both patterns. */
function overlap(a: string, b: string): boolean {
  const left = a.split('.');
  const right = b.split('.');
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (one === undefined || other === undefined) return false;
    if (one === '>' || other === '>') return true;
    // A contract's name such as a vantage stands for any.
    if (one !== other && one !== '*' && other !== '*' && other.length > 1) return false;
  }
  return true;
}
