/**
 * H5: the controller asks for all reports again when the digests tell it that it misses one. Answered at once with
 * how many will come, `{"reports":3}`; they go the usual way, under new ids and sequences.
 */
import { encodeJson } from '@signpost/contracts/decode';
import type { Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';

import type { Identity } from './outbox.ts';

export function answerResend(
  messaging: Messaging,
  { vantage, prober }: Identity,
  resend: () => number,
): Disposable {
  return messaging.core.respond(subjects.proberResend(vantage, prober), () =>
    encodeJson({ reports: resend() }),
  );
}
