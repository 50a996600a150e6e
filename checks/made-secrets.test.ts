/** deploy/make-secrets.sh: what it makes, keeps, shows and never prints. */
import assert from 'node:assert/strict';
import { globSync, statSync } from 'node:fs';
import { test } from 'node:test';

import { makeSecrets, type MadeSecrets } from './made-secrets.ts';

test('every file is readable by its owner only', () => {
  using secrets = makeSecrets();
  const files = globSync('*/*', { cwd: secrets.directory });
  assert.ok(files.length >= 10);
  for (const file of files) assert.equal(statSync(`${secrets.directory}/${file}`).mode & 0o777, 0o400, file);
});

test('passwords have 192 random bits each, and are printed by `show` alone', () => {
  using secrets = makeSecrets();
  const passwords = passwordsOf(secrets);
  assert.equal(new Set(passwords).size, passwords.length);
  for (const password of passwords) assert.match(password, /^[0-9a-f]{48}$/);
  const printed = secrets.run('renew');
  assert.match(printed, /made controller\/api-token/);
  for (const password of passwordsOf(secrets)) assert.ok(!printed.includes(password));
  assert.equal(secrets.run('show', 'api-token').trim(), secrets.read('controller/api-token'));
  assert.equal(secrets.run('show', 'subscriber-password').trim(), secrets.read('subscriber/nats-password'));
  assert.equal(secrets.run('show', 'signal-password').trim(), secrets.read('signal/nats-password'));
  assert.throws(() => secrets.run('show', 'nats/passwords.conf'), /2 /);
});

test('the secret of DNS cookies is as authorities read it', () => {
  using secrets = makeSecrets();
  assert.match(secrets.read('authority/cookie-secret'), /^[0-9a-f]{32}$/);
});

test('running it again changes nothing, and `renew` changes every password', () => {
  using secrets = makeSecrets();
  const first = passwordsOf(secrets);
  const users = secrets.read('redis/users.acl');
  secrets.run();
  assert.deepEqual(passwordsOf(secrets), first);
  assert.equal(secrets.read('redis/users.acl'), users);
  secrets.run('renew');
  const renewed = passwordsOf(secrets);
  assert.equal(renewed.length, first.length);
  for (const password of renewed) assert.ok(!first.includes(password));
});

function passwordsOf(secrets: MadeSecrets): string[] {
  return globSync('*/{nats-password,redis-password,api-token}', { cwd: secrets.directory })
    .toSorted()
    .map((file) => secrets.read(file));
}
