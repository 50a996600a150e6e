/** What the documents say is what the code does: subjects, keys, paths, environment variables, dependencies. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import { keys } from '@signpost/contracts/keys';
import { VERSION } from '@signpost/contracts/version';
import { buckets, streams } from '@signpost/contracts/subjects';

import { addressOf, channels } from './asyncapi-document.ts';
import { metricsText } from './metrics-document.ts';
import { sourceFiles, workspacePackages } from './source-files.ts';

const SCENARIOS = globSync('docs/simulations/*.scenario.yaml');
const EXAMPLES = [
  'signpost.example.yaml',
  ...globSync('docs/{examples,simulations}/*.yaml').filter((file) => !SCENARIOS.includes(file)),
];

test('docs/subjects-and-keys.md lists every subject, stream, bucket and key, and no other', () => {
  const page = readFileSync('docs/subjects-and-keys.md', 'utf8');
  const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!.replace('\\|', '|'));
  const wanted = [
    ...channels.map((channel) => addressOf(channel).replaceAll('{', '<').replaceAll('}', '>')),
    ...Object.values(buckets).map((bucket) => bucket.name),
    ...Object.values(keys).map((key) => (typeof key === 'string' ? key : key('<apex>'))),
  ];
  assert.deepEqual(listed.toSorted(), wanted.toSorted());
  for (const stream of Object.values(streams)) assert.ok(page.includes(`\`${stream.name}\``), stream.name);
});

test('docs/metrics.md is the page made from the table of metrics', () => {
  assert.equal(readFileSync('docs/metrics.md', 'utf8'), metricsText(), 'run "npm run docs"');
});

test('docs/errors.md lists every error code, and no other', () => {
  const inCode = new Set<string>();
  for (const file of sourceFiles()) {
    if (!/class \w+ extends Error/.test(readFileSync(file, 'utf8'))) continue;
    for (const [code] of readFileSync(file, 'utf8').matchAll(/(?<=')SIGNPOST_[A-Z_]+(?=')/g))
      inCode.add(code);
  }
  const page = readFileSync('docs/errors.md', 'utf8');
  const listed = [...page.matchAll(/^\| `(SIGNPOST_[A-Z_]+)` \|/gm)].map((match) => match[1]!);
  assert.deepEqual(listed.toSorted(), [...inCode].toSorted());
});

test('the example configurations are good', () => {
  for (const file of EXAMPLES) {
    const checked = checkConfiguration(readFileSync(file, 'utf8'), file);
    assert.deepEqual(checked.ok ? [] : checked.mistakes.map(formatMistake), []);
  }
});

test('every YAML example of the documents stands in an example configuration, or in a scenario', () => {
  const plain = (text: string): string => text.replace(/\s+/g, ' ');
  const example = plain([...EXAMPLES, ...SCENARIOS].map((file) => readFileSync(file, 'utf8')).join('\n'));
  for (const page of ['README.md', ...globSync('docs/*.md')]) {
    for (const [, yaml] of readFileSync(page, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)) {
      for (const line of yaml!.trimEnd().split('\n')) {
        assert.ok(example.includes(plain(line).trim()), `${page}: ${line}`);
      }
    }
  }
});

test('every command that the documents show exists', () => {
  const commands = readFileSync('cli/src/command-line.ts', 'utf8');
  for (const page of ['README.md', ...globSync('docs/*.md')]) {
    for (const [, command] of readFileSync(page, 'utf8').matchAll(
      /signpost ((?!start\b)[a-z]+(?:-[a-z]+)?) /g,
    )) {
      if (['runs', 'is', 'in', 'on', 'does', 'has'].includes(command!)) continue;
      assert.match(commands, new RegExp(`'${command}'`), `${page}: signpost ${command}`);
    }
  }
});

test('ARCHITECTURE.md has at most 150 lines, and every path it names is there', () => {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  assert.ok(page.split('\n').length <= 150);
  const paths = [
    ...page.matchAll(
      /`((?:libs|services|cli|docs|deploy|e2e|checks|bench)\/[^`\s]*|[a-z.-]+\.(?:yml|yaml|json|md))`/g,
    ),
  ];
  assert.ok(paths.length > 20, 'a page about paths names some');
  for (const [, path] of paths) assert.ok(globSync(path!).length > 0 || existsSync(path!), path);
});

test('the version is that of package.json', () => {
  assert.equal((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version, VERSION);
});

test('every link of the documents leads somewhere', () => {
  for (const page of ['README.md', 'ARCHITECTURE.md', ...globSync('docs/**/*.md')]) {
    const directory = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : '';
    for (const [, link] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      assert.ok(existsSync(directory + link!), `${page}: ${link}`);
    }
  }
});

test('docs/configuration.md lists every environment variable that the code reads, and no other', () => {
  const read = new Set<string>();
  for (const file of sourceFiles().filter(
    (name) => !name.endsWith('.test.ts') && !name.includes('/testkit/'),
  )) {
    const text = readFileSync(file, 'utf8');
    for (const [, name] of text.matchAll(
      /(?:\b(?:read|reader)\.\w+\(\s*|env\[)'(SIGNPOST_[A-Z_]+?)(?:_FILE)?'/g,
    ))
      read.add(name!);
  }
  const page = readFileSync('docs/configuration.md', 'utf8');
  const listed = new Set([...page.matchAll(/^\| `(SIGNPOST_[A-Z_]+)` \|/gm)].map((match) => match[1]!));
  assert.deepEqual([...listed].toSorted(), [...read].toSorted());
});

test('docs/adr/0003-dependencies.md lists every dependency, and no other', () => {
  const page = readFileSync('docs/adr/0003-dependencies.md', 'utf8');
  const table = page.split('\n').filter((line) => line.startsWith('| `'));
  const listed = table.flatMap((line) =>
    [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );
  const declared = new Set<string>();
  for (const directory of ['.', ...workspacePackages()]) {
    const manifest = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Record<string, object>;
    for (const section of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const name of Object.keys(manifest[section] ?? {})) declared.add(name);
    }
  }
  const foreign = [...declared].filter((name) => !name.startsWith('@signpost/'));
  assert.deepEqual(listed.toSorted(), foreign.toSorted());
});
