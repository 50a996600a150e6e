/**
 * The proof of weighing clients: before a population of resolvers of very unequal size, an 80/20 split of answers comes
 * nearer to one of clients, and how near. `npm run test:full` runs it with many seeds; docs/shares.md quotes it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isFullRun, scaled } from '@signpost/testkit/test-scale';

import { runWeighed, type WeighedOptions, type WeighedRun } from '../testing/weighed-population.ts';

const SEEDS = scaled({ slice: 5, full: 25 });
const WARM_UP = 900;
const SECONDS = WARM_UP + 3 * 3_600;
const WANTED = 0.2;

/** Two targets, 80/20, by chance, by affinity and as pools; one TTL for all. */
const SPLITS: Readonly<Record<string, string>> = {
  'by chance': split('[ { try: [web] } ]', '{ weigh: clients }'),
  'by affinity': split('[ { try: [web] } ]', '{ weigh: clients, affinity: {} }'),
  'between pools': split('[ { try: [ { weighted: { big: 80, small: 20 } } ] } ]', '{ weigh: clients }'),
};

/** Resolvers of a small site and of a large one; some keep answers for five minutes. */
const POPULATIONS = {
  small: { count: 300, alpha: 1.1, meanRate: 0.05, stretch: { share: 0.1, to: 300 } },
  large: { count: 300, alpha: 1.1, meanRate: 5, stretch: { share: 0.1, to: 300 } },
};

interface Errors {
  readonly minute: number;
  readonly tenMinutes: number;
  readonly halfHour: number;
  readonly all: number;
  readonly publications: number;
}

for (const [name, yaml] of Object.entries(SPLITS)) {
  describe(`80/20 ${name}`, () => {
    for (const [size, population] of Object.entries(POPULATIONS)) {
      test(`clients of a ${size} site follow the weights once targets tell their load`, (t) => {
        const options = { yaml, seconds: SECONDS, ...population };
        const plain = medians({ ...options, loads: 'none' });
        const weighed = medians({ ...options, loads: 'counted' });
        t.diagnostic(`${name}, ${size}, as configured: ${shown(plain)}`);
        t.diagnostic(`${name}, ${size}, weighed:       ${shown(weighed)}`);
        assert.equal(plain.publications, 0, 'nothing is moved by samples, nor by nothing');
        assert.ok(weighed.halfHour <= plain.halfHour / 2, 'half hours');
        assert.ok(weighed.all <= plain.all / 2, 'three hours');
        // What is drawn anew for each answer cannot be steered within a TTL or two; what stays is put right for good.
        const most = name === 'by chance' ? 0.85 * plain.tenMinutes : 0.5 * plain.tenMinutes;
        assert.ok(weighed.tenMinutes <= most, 'ten minutes');
        assert.ok(weighed.publications <= SECONDS / 30, `${weighed.publications} publications`);
      });
    }
  });
}

/** Why samples alone move nothing. */
test('what samples tell of large caches is too little to steer by', (t) => {
  for (const [size, population] of Object.entries(POPULATIONS)) {
    const options = { yaml: SPLITS['by affinity']!, seconds: WARM_UP + 3_600, ...population };
    const plain = medians({ ...options, loads: 'none' });
    const guessed = medians({ ...options, loads: 'estimated', samplesEvery: 1 });
    t.diagnostic(`${size}, as configured:     ${shown(plain)}`);
    t.diagnostic(`${size}, by estimates:      ${shown(guessed)}`);
    assert.ok(guessed.all > plain.all / 2, 'if this fails, estimates have become worth acting on');
    const { shares } = runWeighed({ ...options, loads: 'none', samplesEvery: 1, seed: 1 });
    const web = shares.pools.get('web')!;
    assert.notEqual(web.estimated, undefined, 'they are shown');
    assert.equal(web.measured, undefined);
    assert.deepEqual([...web.publishedFactors.values()], [1, 1]);
  }
});

test('bounded affinity keeps every target below its bound', (t) => {
  const equal = (bounded: string) => split('[ { try: [four] } ]', `{ affinity: { ${bounded} } }`);
  const options = { seconds: SECONDS, ...POPULATIONS.large, loads: 'counted' as const };
  const run = (yaml: string) =>
    seeds().map((seed) => {
      const { clients, largest } = runWeighed({ ...options, yaml, seed });
      const lastHour = clients.slice(-3_600);
      const shares = ['a', 'b', 'c', 'd'].map((target) => meanShare(lastHour, target));
      return { most: Math.max(...shares), largest };
    });
  const free = run(equal('')).map(({ most }) => most);
  const bounded = run(equal('bounded: 1.2'));
  const told = [free, bounded.map(({ most }) => most)].map((most) => `${(100 * median(most)).toFixed(1)} %`);
  t.diagnostic(`largest of four equal shares: ${told.join(', bounded to 30 %: ')}`);
  assert.ok(Math.max(...free) > 0.3 * 1.1, 'else there is nothing to bound');
  for (const { most, largest } of bounded) {
    // A resolver that is larger than the bound is somewhere; loads are not known to better than 5 %.
    if (largest < 0.3) assert.ok(most < 0.3 * 1.05, `${most}`);
  }
});

function medians(options: Omit<WeighedOptions, 'seed'>): Errors {
  const errors = seeds().map((seed) => errorsOf(runWeighed({ ...options, seed })));
  const of = (name: keyof Errors) => median(errors.map((one) => one[name]));
  return {
    minute: of('minute'),
    tenMinutes: of('tenMinutes'),
    halfHour: of('halfHour'),
    all: of('all'),
    publications: of('publications'),
  };
}

/** Mean error of the clients' share over windows of so many seconds. */
function errorsOf({ clients, publications }: WeighedRun): Errors {
  const over = (window: number) => {
    const errors: number[] = [];
    for (let from = WARM_UP; from + window <= clients.length; from += window) {
      errors.push(Math.abs(meanShare(clients.slice(from, from + window), 'b') - WANTED));
    }
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
  };
  return {
    minute: over(60),
    tenMinutes: over(600),
    halfHour: over(1_800),
    all: over(clients.length - WARM_UP),
    publications,
  };
}

function meanShare(clients: readonly ReadonlyMap<string, number>[], target: string): number {
  const shares = clients.flatMap((now) => {
    const total = [...now.values()].reduce((sum, rate) => sum + rate, 0);
    return total === 0 ? [] : [(now.get(target) ?? 0) / total];
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function seeds(): number[] {
  return Array.from({ length: SEEDS }, (_, i) => (i + 1) * 101);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function shown({ minute, tenMinutes, halfHour, all, publications }: Errors): string {
  const percent = (error: number) => `${(100 * error).toFixed(2)} %`;
  return `mean error over 1 min ${percent(minute)}, 10 min ${percent(tenMinutes)}, 30 min ${percent(halfHour)}, 3 h ${percent(all)}, ${publications} publications${isFullRun() ? '' : ' (slice)'}`;
}

function split(rules: string, within: string): string {
  return `apiVersion: signpost/v1
defaults: { ttl: 60, all_down: fail_open }
targets:
  a: { a: 192.0.2.1 }
  b: { a: 192.0.2.2 }
  c: { a: 192.0.2.3 }
  d: { a: 192.0.2.4 }
pools:
  ${rules.includes('web') ? 'web: { members: [ { target: a, weight: 80 }, { target: b, weight: 20 } ] }' : ''}
  ${rules.includes('big') ? 'big: { members: [ { target: a }, { target: c } ] }' : ''}
  ${rules.includes('big') ? 'small: { members: [ { target: b } ] }' : ''}
  ${rules.includes('four') ? 'four: { members: [ { target: a }, { target: b }, { target: c }, { target: d } ] }' : ''}
policies:
  p: { rules: ${rules}, within: ${within} }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.org.]
    records:
      www: { steer: p, types: [A] }
`;
}
