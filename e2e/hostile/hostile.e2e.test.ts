/**
 * Our process under whatever may come over UDP and TCP, held to bounds, with NSD, Knot and BIND beside it for measure.
 * The figures of all of it are shown together at the end.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkMustCases } from './check-must-cases.ts';
import { checkMutatedPackets } from './check-mutated-packets.ts';
import { checkSlowSenders, checkUnreadAnswers } from './check-slow-senders.ts';

const figures: string[] = [];

test('each must case is answered as the RFCs allow', (t) => checkMustCases(t, figures));

test('mutated packets neither end, fill nor silence the process, and gain nothing', (t) =>
  checkMutatedPackets(t, figures));

test('200 slow senders keep nobody from being served over TCP', (t) => checkSlowSenders(t, figures));

test('1,000 connections that take no answer hold a bounded memory', (t) => checkUnreadAnswers(t, figures));

test('the figures', (t) => {
  for (const figure of figures) t.diagnostic(figure);
  assert.ok(figures.length >= 4);
});
