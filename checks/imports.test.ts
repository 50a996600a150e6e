/**
 * The import rule of ARCHITECTURE.md, proven over every source file: imports point one way, no file is in a
 * cycle, core packages do no I/O, tests alone use the testkit, and a package declares what it imports.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

import { packageOf, sourceFiles, workspacePackages } from './source-files.ts';

/** A package may import packages of lower layers; core and adapters also others of their own layer. */
const LAYERS: Readonly<Record<string, number>> = {
  'libs/contracts': 0,
  'libs/dns': 0,
  'libs/policy': 0,
  'libs/config': 0,
  'libs/nats': 1,
  'libs/redis': 1,
  'libs/memory': 1,
  'libs/geo': 1,
  'libs/lifecycle': 1,
  'libs/telemetry': 1,
  'libs/udp': 1,
  'services/prober': 2,
  'services/controller': 2,
  'services/authority': 2,
  cli: 3,
  'libs/testkit': 4,
};

const IO_MODULES =
  /^node:(fs|fs\/promises|net|dgram|dns|dns\/promises|http|http2|https|tls|child_process|worker_threads|cluster|process|os|timers|timers\/promises|readline|repl)$/;

const files = sourceFiles();
/** Tests, the testkit, and a package's own fixtures in `src/testing`. */
const isTest = (file: string): boolean =>
  file.endsWith('.test.ts') ||
  file.includes('/src/testing/') ||
  packageOf(file) === 'libs/testkit' ||
  file.includes('/testing/');

test('every package has its layer', () => {
  assert.deepEqual(workspacePackages().toSorted(), Object.keys(LAYERS).toSorted());
});

test('imports point one way: cli -> services -> adapters -> core', () => {
  const wrong: string[] = [];
  for (const file of files.filter((candidate) => !isTest(candidate))) {
    const from = packageOf(file);
    for (const to of importsOf(file).flatMap((specifier) => workspaceTarget(specifier))) {
      if (to === from || LAYERS[to]! < LAYERS[from]! || (LAYERS[to] === LAYERS[from] && LAYERS[from]! < 2))
        continue;
      wrong.push(`${file} imports ${to}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('core packages import no I/O module of Node', () => {
  const wrong = files
    .filter((file) => LAYERS[packageOf(file)] === 0 && !isTest(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => IO_MODULES.test(specifier))
        .map((s) => `${file}: ${s}`),
    );
  assert.deepEqual(wrong, []);
});

test('a package declares every package that it imports', () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => !f.endsWith('.test.ts'))) {
    const manifest = JSON.parse(readFileSync(`${packageOf(file)}/package.json`, 'utf8')) as {
      name: string;
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    };
    // Reference twins and test data are read by tests alone.
    const forTests = /\/(reference|testing)\//.test(file);
    const declared = { ...manifest.dependencies, ...(forTests ? manifest.devDependencies : {}) };
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (name !== manifest.name && declared[name] === undefined) wrong.push(`${file}: ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no package reaches into benches, checks or anything else outside of itself by a path', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .filter((specifier) => !normalize(join(dirname(file), specifier)).startsWith(`${packageOf(file)}/`))
      .map((specifier) => `${file}: ${specifier}`),
  );
  assert.deepEqual(wrong, []);
});

test('benches import packages and each other, and the code of a service only as a process', () => {
  const wrong = globSync('bench/*.ts').flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !/^(\.\/|node:|@signpost\/(?!prober|controller|authority|cli))/.test(specifier))
      .map((specifier) => `${file}: ${specifier}`),
  );
  assert.deepEqual(wrong, []);
});

test('no file imports itself through others', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file).flatMap((s) => fileTarget(file, s))]));
  assert.deepEqual(findCycle(graph), undefined);
});

test('a thread that answers queries loads no schemas: what it gets was checked', () => {
  const loaded = ['services/authority/src/worker/answer-worker.ts'];
  const wrong: string[] = [];
  for (const file of loaded) {
    for (const specifier of importsOf(file, { types: false })) {
      if (specifier === 'zod') wrong.push(file);
      loaded.push(...fileTarget(file, specifier).filter((target) => !loaded.includes(target)));
    }
  }
  assert.ok(loaded.includes('services/authority/src/serve/answer-query.ts'));
  assert.deepEqual(wrong, []);
});

/** Specifiers of static and dynamic imports; type imports count for direction, since they name a dependency too. */
function importsOf(file: string, { types }: { types: boolean } = { types: true }): string[] {
  const all = readFileSync(file, 'utf8');
  const text = types ? all : all.replaceAll(/^(import|export) type\b[^;]*;/gm, '');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*(?:\{[^}]*\})?[^'"\n;]*\bfrom\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function workspaceTarget(specifier: string): string[] {
  const match = /^@signpost\/([a-z-]+)/.exec(specifier);
  if (match === null) return [];
  return workspacePackages().filter(
    (directory) => directory.endsWith(`/${match[1]}`) || directory === match[1],
  );
}

function fileTarget(file: string, specifier: string): string[] {
  if (specifier.startsWith('.')) return [normalize(join(dirname(file), specifier))];
  const [directory] = workspaceTarget(specifier);
  const path = specifier.split('/').slice(2).join('/');
  return directory === undefined ? [] : [`${directory}/src/${path}.ts`];
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
