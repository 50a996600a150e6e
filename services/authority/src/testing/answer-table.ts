/** For tests only: questions and their answers as rows, one test for each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { QueryContext } from '../serve/query-context.ts';
import { askContext, shown } from './sample-zone.ts';

/** Question, rcode, answer section, and what the authority section begins with. */
export type AnswerRow = readonly [
  name: string,
  type: string,
  rcode: string,
  answers: readonly string[],
  authority?: string,
];

/** AA is set but for REFUSED and referrals. */
export function answerTable(context: QueryContext, rows: readonly AnswerRow[]): void {
  for (const [name, type, rcode, answers, authority = ''] of rows) {
    test(`${name} ${type} gives ${rcode}, ${answers.length} records`, () => {
      const answer = askContext(context, { name, type });
      assert.equal(answer.rcode, rcode);
      assert.deepEqual(shown(answer.answers), answers);
      assert.equal(shown(answer.authorities)[0] ?? '', authority);
      assert.equal(answer.flags.tc, false);
      assert.equal(answer.flags.aa, rcode !== 'REFUSED' && (answers.length > 0 || !/ NS /.test(authority)));
    });
  }
}
