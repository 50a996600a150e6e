/** `import octodns` and `import route53` as processes: files, stdin, where the result goes, and how they end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SIGNPOST = fileURLToPath(new URL('../../bin/signpost.js', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../../libs/config/src/import/testing/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'signpost-import-'));
after(() => rmSync(directory, { recursive: true }));

function run(args: readonly string[], input = ''): { code: number | null; stdout: string; stderr: string } {
  const options = { cwd: FIXTURES, input, encoding: 'utf8', timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [SIGNPOST, ...args], options);
  return { code: status, stdout, stderr };
}

const LISTINGS = [
  'route53-records.json',
  'route53-health-checks.json',
  'route53-zone.json',
  'route53-blocks.json',
];

test('import route53 writes a configuration that check takes, and says what is otherwise', () => {
  const output = join(directory, 'route53.yaml');
  const { code, stdout, stderr } = run([
    'import',
    'route53',
    ...LISTINGS,
    '--ns',
    'ns1.travel.example',
    '--output',
    output,
  ]);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(
    stderr,
    /^imported otherwise: route53-records\.json:\d+:\d+ split\.travel\.example\. A "new": TTLs differ/m,
  );
  assert.match(stderr, /^not imported: route53-zone\.json:\d+:\d+ HostedZone: comment/m);
  assert.match(readFileSync(output, 'utf8'), /^ {4}ns: \[ ns1\.travel\.example\. \]$/m);
  assert.equal(run(['check', output]).code, 0);
});

test('import octodns takes its zone from the file name, or from --origin for stdin', () => {
  const named = run(['import', 'octodns', 'shop.example.yaml']);
  const piped = run(
    ['import', 'octodns', '-', '--origin', 'shop.example'],
    readFileSync(join(FIXTURES, 'shop.example.yaml'), 'utf8'),
  );
  assert.deepEqual([named.code, piped.code, piped.stdout], [0, 0, named.stdout]);
  assert.match(named.stdout, /^apiVersion: signpost\/v1\n/);
});

test('--strict exits 2 and writes nothing where there is anything to say', () => {
  const { code, stdout, stderr } = run(['import', 'octodns', 'shop.example.yaml', '--strict']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /imported otherwise/);
  const args = [
    'import',
    'octodns',
    '-',
    '--origin',
    'a.example',
    '--ns',
    'ns.a.example',
    '--contact',
    'dns.a.example',
    '--strict',
  ];
  const quiet = run(args, 'www: { type: A, ttl: 60, value: 192.0.2.1 }\n');
  assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
  assert.match(quiet.stdout, /192\.0\.2\.1/);
});

test('what cannot be read is told with its place, exit 2', () => {
  const missing = run(['import', 'route53', 'no-such-file.json']);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /^no-such-file\.json: there is no such file/);
  const broken = run(['import', 'octodns', '-', '--origin', 'a.example'], 'a: { type: A\nb: }\n');
  assert.deepEqual([broken.code, broken.stdout], [2, '']);
  assert.match(broken.stderr, /^-:2:\d+ /);
});
