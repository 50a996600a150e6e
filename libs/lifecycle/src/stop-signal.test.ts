import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StopRequested, stopSignal } from './stop-signal.ts';

test('one Ctrl-C that arrives twice is one wish to stop; a later one ends the process', (t) => {
  const exit = t.mock.method(process, 'exit', () => undefined as never);
  let nowMs = 1_000;
  using stop = stopSignal({ graceMs: 10_000, clock: { monotonic: () => nowMs } });
  process.emit('SIGINT', 'SIGINT');
  assert.ok(stop.signal.reason instanceof StopRequested);
  nowMs += 20;
  process.emit('SIGINT', 'SIGINT');
  assert.equal(exit.mock.callCount(), 0);
  nowMs += 1_000;
  process.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(exit.mock.calls[0]?.arguments, [1]);
});

test('when it is disposed of, signals are as before', () => {
  const before = process.listenerCount('SIGTERM');
  stopSignal({ graceMs: 1 })[Symbol.dispose]();
  assert.equal(process.listenerCount('SIGTERM'), before);
});
