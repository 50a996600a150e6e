/** H6 for the bucket `signpost_guards`: what guards remember and what was approved -> checked inputs for the loop. */
import { decodeJson } from '@signpost/contracts/decode';
import { approvalSchema, guardKeys, guardMemorySchema, holdIdSchema } from '@signpost/contracts/guard';
import type { Bucket, Following } from '@signpost/contracts/messaging';

import type { Inbox } from './inbox.ts';
import type { Input } from './take-inputs.ts';

interface Options {
  readonly guards: Bucket;
  readonly inbox: Inbox<Input>;
  readonly onBad: (key: string, reason: string) => void;
}

interface Change {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

export function followGuards(options: Options): Promise<Following> {
  return options.guards.watch({
    listener: (change) => {
      const [kind, name = ''] = change.key.split('.');
      if (kind === 'policy') takePolicy(name, change, options);
      else if (kind === 'approved') takeApproval(name, change, options);
      else options.onBad(change.key, 'no key of ours');
    },
  });
}

function takePolicy(policy: string, { key, value, revision }: Change, { inbox, onBad }: Options): void {
  if (value === undefined) return inbox.push({ kind: 'stored-guard', policy, stored: undefined });
  const decoded = decodeJson(guardMemorySchema, value);
  if (!decoded.ok) return onBad(key, decoded.reason);
  if (guardKeys.policy(decoded.value.policy) !== key) return onBad(key, 'its value is about another policy');
  inbox.push({ kind: 'stored-guard', policy, stored: { memory: decoded.value, revision } });
}

function takeApproval(id: string, { key, value }: Change, { inbox, onBad }: Options): void {
  if (value === undefined) return;
  const decoded = decodeJson(approvalSchema, value);
  if (!decoded.ok) return onBad(key, decoded.reason);
  if (!holdIdSchema.safeParse(id).success) return onBad(key, 'no id of a hold');
  inbox.push({ kind: 'approval', id, approval: decoded.value });
}
