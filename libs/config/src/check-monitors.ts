/**
 * Monitors: vantages that exist, enough of them to reach a verdict, a probe that ends before the next begins, and one that
 * can be asked.
 */
import { isProbed, type ProbedMonitor } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';

import { checkCalculated } from './check-calculated.ts';
import { checkDamping, checkHeartbeat, checkQuorum } from './check-judging.ts';
import { checkProbe } from './check-probe.ts';
import { isUsed } from './monitors-used.ts';
import type { ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkMonitors(parts: ReadableParts): ReferenceMistake[] {
  return Object.entries(parts.nouns.monitors).flatMap(([name, monitor]) => [
    ...(isProbed(monitor) ? checkProbed(name, monitor, parts) : []),
    ...(monitor.type === 'push' ? checkHeartbeat(name, monitor) : []),
    ...(monitor.type === 'calculated' ? checkCalculated(name, monitor, parts) : checkDamping(name, monitor)),
  ]);
}

function checkProbed(name: string, monitor: ProbedMonitor, parts: ReadableParts): ReferenceMistake[] {
  return [
    ...checkTiming(name, monitor),
    ...checkAsked(name, monitor),
    ...checkVantages(name, monitor, parts),
  ];
}

function checkTiming(name: string, { interval, timeout }: ProbedMonitor): ReferenceMistake[] {
  if (timeout < interval) return [];
  const message = `a timeout of ${formatDuration(timeout)} is not shorter than the interval of ${formatDuration(interval)}; write a shorter timeout`;
  return [{ path: ['monitors', name, 'timeout'], message }];
}

function checkAsked(name: string, monitor: ProbedMonitor): ReferenceMistake[] {
  return checkProbe(monitor).map(({ path, message }) => ({ path: ['monitors', name, ...path], message }));
}

function checkVantages(name: string, monitor: ProbedMonitor, parts: ReadableParts): ReferenceMistake[] {
  const { use, min_reports: minReports } = monitor.vantages;
  const path = ['monitors', name, 'vantages'];
  const defined = parts.names.vantages;
  const mistakes = (use ?? []).flatMap((vantage, index) => {
    const at = [...path, 'use', index];
    if (use?.indexOf(vantage) !== index) {
      return [{ path: at, message: `vantage "${vantage}" stands here twice; remove one` }];
    }
    return missingNoun(parts, 'vantages', vantage, at);
  });
  if (defined === 'any') return mistakes;
  if (defined.length === 0 && use === undefined && isUsed(name, parts)) {
    const message = 'there is no vantage to probe from; add one, such as "vantages: { local: {} }"';
    mistakes.push({ path: ['monitors', name], message });
  }
  const count = new Set(use ?? defined).size;
  if (minReports !== undefined && minReports > count && count > 0) {
    const message = `min_reports is ${minReports}, but the monitor has ${count} vantage${count === 1 ? '' : 's'}; write at most ${count}`;
    mistakes.push({ path: [...path, 'min_reports'], message });
  }
  return [...mistakes, ...checkQuorum(monitor.vantages.quorum, count, path)];
}
