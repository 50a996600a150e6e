import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import { makeTestCertificates } from '@signpost/testkit/test-certificates';

import { readCertificate } from './read-certificate.ts';

const files = { cert: 'cert.pem', key: 'key.pem' };
const made = makeTestCertificates();

function read(cert: string | undefined, key: string | undefined) {
  const texts = new Map([
    ['cert.pem', cert],
    ['key.pem', key],
  ]);
  return readCertificate(files, (path) => {
    const text = texts.get(path);
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return text;
  });
}

test('a chain and its key are a certificate, which expires with its first', () => {
  const notAfter = new Date(Date.UTC(2090, 4, 6, 7, 8, 9));
  const { cert, key, ca } = makeTestCertificates({ notAfter });
  const certificate = read(`${cert}${ca}`, key);
  assert.ok(certificate.kind === 'certificate');
  assert.equal(certificate.expiresMs, notAfter.getTime());
  assert.deepEqual([certificate.chain, certificate.key], [`${cert}${ca}`, key]);
});

test('an expired one is a certificate all the same', () => {
  const { cert, key } = makeTestCertificates({ notAfter: new Date(Date.UTC(2020, 0, 1)) });
  assert.equal(read(cert, key).kind, 'certificate');
});

test('each mistake names its file and says what to do', () => {
  const encrypted = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }) as string;
  const cases = [
    [undefined, made.key, 'cert', /ENOENT.*cert\.pem/],
    [made.cert, undefined, 'key', /ENOENT.*key\.pem/],
    ['', made.key, 'cert', /no PEM certificate/],
    [made.key, made.key, 'cert', /no PEM certificate/],
    [made.cert.slice(0, 200), made.key, 'cert', /no PEM certificate/],
    [made.cert, made.cert, 'key', /no PEM private key/],
    [made.cert, encrypted, 'key', /without a passphrase/],
    [made.cert, makeTestCertificates().key, 'key', /not the key of cert\.pem/],
    [`${made.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, made.key, 'cert', /TLS/],
  ] as const;
  for (const [cert, key, of, remedy] of cases) {
    const problem = read(cert, key);
    assert.ok(problem.kind === 'problem', String(remedy));
    assert.equal(problem.of, of);
    assert.match(problem.remedy, remedy);
  }
});
