/**
 * A certificate and its key from their PEM files, tried as a handshake would use them. What is wrong is told in words
 * for whoever put the files there: which file, and what to do. Reads no file itself.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import { type Certificate, contextOptions } from '../listen/tls-listener.ts';

export interface CertificateFiles {
  /** The chain, the server's own certificate first. */
  readonly cert: string;
  readonly key: string;
}

export interface ReadCertificate extends Certificate {
  readonly kind: 'certificate';
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

export interface CertificateProblem {
  readonly kind: 'problem';
  /** The file that is to be mended. */
  readonly of: keyof CertificateFiles;
  readonly remedy: string;
}

/** An expired certificate is read all the same: clients that do not look (RFC 8310 5) are better served than turned away. */
export function readCertificate(
  files: CertificateFiles,
  readFile: (path: string) => string,
): ReadCertificate | CertificateProblem {
  const chain = attempt(() => readFile(files.cert));
  if (chain instanceof Error) return problem('cert', chain.message);
  const key = attempt(() => readFile(files.key));
  if (key instanceof Error) return problem('key', key.message);
  const own = attempt(() => new X509Certificate(chain));
  if (own instanceof Error) {
    return problem('cert', 'it holds no PEM certificate; write the chain, your own certificate first');
  }
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey instanceof Error) {
    const isEncrypted = /ENCRYPTED/.test(key);
    return problem(
      'key',
      isEncrypted
        ? 'the key is encrypted; write it without a passphrase ("openssl pkey" does), readable by this user only'
        : 'it holds no PEM private key',
    );
  }
  if (!own.checkPrivateKey(privateKey)) {
    return problem('key', `it is not the key of ${files.cert}; put both files of one certificate there`);
  }
  const context = attempt(() => createSecureContext(contextOptions({ chain, key }, new Uint8Array(48))));
  if (context instanceof Error) return problem('cert', `TLS cannot use it: ${context.message}`);
  return { kind: 'certificate', chain, key, expiresMs: own.validToDate.getTime() };
}

function problem(of: keyof CertificateFiles, remedy: string): CertificateProblem {
  return { kind: 'problem', of, remedy };
}

function attempt<Value>(run: () => Value): Value | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
