/** The certificate for the workers: the one that the settings came with, then each that takes its place on disk. */
import type { Clock } from '@signpost/lifecycle/clock';
import type { Telemetry } from '@signpost/telemetry/telemetry';

import type { Certificate } from '../listen/tls-listener.ts';
import { observeCertificate } from '../observe-authority.ts';
import type { TlsSettings } from '../read-listen-settings.ts';
import { followCertificate } from './follow-certificate.ts';

export interface ServeCertificateOptions {
  readonly tls: TlsSettings;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'logger' | 'metrics'>;
  readonly signal: AbortSignal;
  /** Gives a certificate to the workers. */
  readonly publish: (certificate: Certificate) => Promise<void>;
  readonly pollMs?: number | undefined;
}

/** Resolves when the signal aborts. Rejects when `publish` does, which is a mistake of ours. */
export async function serveCertificate(options: ServeCertificateOptions): Promise<void> {
  const { tls, clock, telemetry, signal, publish, pollMs } = options;
  const { logger, metrics } = telemetry;
  let served = tls.certificate;
  using _observed = observeCertificate(metrics, () => served.expiresMs - clock.now());
  await followCertificate(served, {
    files: tls.files,
    clock,
    signal,
    ...(pollMs === undefined ? {} : { pollMs }),
    onRenewed: async (renewed) => {
      await publish(renewed);
      served = renewed;
      logger.info({ expires: new Date(renewed.expiresMs).toISOString() }, 'certificate reloaded');
    },
    onRefused: ({ of, remedy }) => {
      metrics.add('signpost_tls_reload_failures_total', {});
      logger.error({ file: tls.files[of], reason: remedy }, 'certificate refused: the last good one stays');
    },
  });
}
