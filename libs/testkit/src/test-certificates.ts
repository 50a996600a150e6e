/**
 * Makes a certificate authority and a server certificate for a test: X.509 v3
 * with ECDSA P-256, written as DER by hand because Node signs but does not
 * write certificates (RFC 5280 section 4.1). For tests only.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

import { parseAddress } from './parse-prefix.ts';

export interface TestCertificates {
  /** PEM: what a client must trust. */
  readonly ca: string;
  /** PEM: what the server shows, and its key. */
  readonly cert: string;
  readonly key: string;
}

export interface TestCertificateOptions {
  /** DNS names and IP addresses; default `localhost`, `127.0.0.1`, `::1`. */
  readonly names?: readonly string[];
  /** Default an hour ago and a day ahead; a past `notAfter` makes an expired certificate. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** The server signs its own certificate; `ca` is then an authority that has nothing to do with it. */
  readonly selfSigned?: boolean;
}

export function makeTestCertificates(options: TestCertificateOptions = {}): TestCertificates {
  const { names = ['localhost', '127.0.0.1', '::1'] } = options;
  const { notBefore = new Date(Date.now() - 3_600_000), notAfter = new Date(Date.now() + 86_400_000) } =
    options;
  const caKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { issuer: 'Signpost test CA', signingKey: caKeys.privateKey };
  const caValidity = {
    notBefore: new Date(Math.min(+notBefore, Date.now()) - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
  };
  const subject = 'Signpost test server';
  const caExtensions = [basicConstraints(true)];
  const extensions = [basicConstraints(false), subjectAlternativeNames(names)];
  return {
    ca: certificate({
      ...issuer,
      ...caValidity,
      subject: issuer.issuer,
      publicKey: caKeys.publicKey,
      extensions: caExtensions,
    }),
    cert: certificate({
      ...(options.selfSigned === true ? { issuer: subject, signingKey: keys.privateKey } : issuer),
      notBefore,
      notAfter,
      subject,
      publicKey: keys.publicKey,
      extensions,
    }),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

interface CertificateParts {
  readonly issuer: string;
  readonly signingKey: KeyObject;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));

function certificate(parts: CertificateParts): string {
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])), // serial, positive
    ecdsaWithSha256,
    commonName(parts.issuer),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    commonName(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...parts.extensions)),
  );
  const signature = sign('sha256', toBeSigned, parts.signingKey);
  const bytes = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = bytes.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function commonName(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(text)))));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const yes = der(0x01, Buffer.of(0xff));
  return sequence(objectId('551d13'), yes, der(0x04, isAuthority ? sequence(yes) : sequence()));
}

function subjectAlternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, Buffer.from(parseAddress(name))),
  );
  return sequence(objectId('551d11'), der(0x04, sequence(...entries)));
}

/** GeneralizedTime, which Node's verifier accepts for every year. */
function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, content]);
}
