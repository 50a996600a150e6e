/**
 * The answers of one planned group, by the type of the record set: addresses and aliases are picked from, one record or
 * some of them; records of services are one RRset that names the chosen pool first and the next one second. Pure.
 */
import type { SteeredAnswer } from '@signpost/contracts/record-set';

import { addressAnswers } from './address-answers.ts';
import { bindingAnswers } from './binding-answers.ts';
import { hostAnswers } from './host-answers.ts';
import type { PlannedGroup } from './plan-policy.ts';
import { type AnswerInput, isService, type SteeredType, weighed } from './weighed-pool.ts';

export { isService, type SteeredType };

/** No two have the same RDATA. Empty: NODATA. */
export function answersOf(group: PlannedGroup, type: SteeredType, input: AnswerInput): SteeredAnswer[] {
  const own = weighed(group, input);
  if (!isService(type)) return addressAnswers(own, type, input);
  const { services } = input;
  if (services === undefined || own.members.length === 0) return [];
  const next = group.next && weighed(group.next, input);
  if (type === 'MX' || type === 'SRV') return hostAnswers(type, own, next, services);
  return bindingAnswers(own, next, services);
}
