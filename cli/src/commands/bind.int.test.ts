/**
 * `import bind` and `export bind`: as processes, and what goes through both against BIND's `named-checkzone`, to which
 * the zone that comes out is the zone that went in.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import { importZone } from '@signpost/config/import-zone';
import { exportConfiguredZone } from '@signpost/controller/export/export-zone';
import { generateZone } from '@signpost/dns/testing/generated-zone';
import { loadZone } from '@signpost/dns/zone-file/load-zone';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { startSignpost } from '@signpost/testkit/start-process';
import { scaled, showProgress } from '@signpost/testkit/test-scale';

const ORIGIN = 'example.com';
const ZONES = scaled({ slice: 100, full: 2_000 });
const oracle = await findDebianTool('named-checkzone', 'bind9-utils');
const skip = oracle === undefined ? 'named-checkzone is not here; install bind9-utils' : false;
const directory = mkdtempSync(join(tmpdir(), 'signpost-bind-'));
after(() => rmSync(directory, { recursive: true }));

test(
  `${ZONES} generated zones, imported and exported, are to named-checkzone what they were`,
  { skip },
  () => {
    const progress = showProgress('zones through import and export', ZONES);
    let refused = 0;
    for (let seed = 1; seed <= ZONES; seed += 1) {
      if (!survives(seed)) refused += 1;
      progress(seed);
    }
    assert.ok(refused <= ZONES / 100, `BIND refused ${refused} of the generated zones`);
  },
);

/** False: BIND refuses the zone itself, whose data it judges by more than their form. */
function survives(seed: number): boolean {
  const { text, included } = generateZone(seed);
  for (const [name, part] of included) writeFileSync(join(directory, name), part);
  const path = writeZone(text);
  const { records } = loadZone(ORIGIN, path, (each) => readFileSync(each, 'utf8'));
  const { yaml, lost } = importZone(records, ORIGIN);
  const exported = exportOf(yaml);
  const before = dump(text);
  if (before.lines === undefined) return false;
  const after = dump(exported);
  assert.ok(after.lines !== undefined, `seed ${seed}: ${after.said}\n${text}\n${exported}`);
  // Only what was said to be lost may differ: the serial, and TTLs of signatures.
  const known = lost.some((line) => line.includes('RRSIG'))
    ? withoutSignatureTtls
    : (lines: readonly string[]) => lines;
  assert.deepEqual(known(after.lines), known(before.lines), `seed ${seed}\n${text}\n${yaml}\n${exported}`);
  return true;
}

const ZONE = `$TTL 1h
@ SOA ns1 dns ( 7 1h 10m 14d 30 )
  NS ns1
ns1 A 192.0.2.53
txt TXT "two" "strings"
`;

test('import prints YAML that signpost check takes, and says what is not in it', async () => {
  const imported = await run('import', 'bind', writeZone(ZONE), '--origin', ORIGIN);
  assert.equal(imported.code, 0);
  assert.equal(
    imported.stderr,
    'not imported: the serial 7 of the SOA: Signpost numbers what it publishes itself',
  );
  const file = join(directory, 'signpost.yaml');
  writeFileSync(file, imported.stdout);
  assert.equal((await run('check', file)).code, 0);
  const exported = await run('export', 'bind', ORIGIN, '--config', file);
  assert.match(exported.stdout, /^txt\t3600\tIN\tTXT\t"two" "strings"$/m);
  const missing = await run('export', 'bind', 'example.org', '--config', file);
  assert.deepEqual(missing, {
    code: 2,
    stdout: '',
    stderr: `${file}: there is no zone example.org; zones: example.com`,
  });
});

test('import tells the mistakes of a zone file with their places, and prints nothing', async () => {
  const path = writeZone(`${ZONE}bad A 1.2\n`);
  const { code, stdout, stderr } = await run('import', 'bind', path, '--origin', ORIGIN);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, new RegExp(`^${path}:6:7 A: `));
});

async function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = await startSignpost(args);
  const code = await command.waitForEnd();
  return { code, stdout: command.stdout.join('\n'), stderr: command.stderr.join('\n') };
}

function exportOf(yaml: string): string {
  const checked = checkConfiguration(yaml, 'f');
  assert.ok(checked.ok, checked.ok ? '' : `${checked.mistakes.map(formatMistake).join('\n')}\n${yaml}`);
  return exportConfiguredZone(checked.configuration, ORIGIN, 1_000)!;
}

function writeZone(text: string): string {
  const path = join(directory, 'zone');
  writeFileSync(path, text, 'latin1');
  return path;
}

/** Lines of BIND's canonical text, sorted, with the serial put to 0 and owners in lower case; undefined when it refuses the zone. */
function dump(text: string): { readonly lines: string[] | undefined; readonly said: string } {
  writeZone(text);
  const lenient = ['-k', '-n', '-r', '-m', '-M', '-S', '-T', '-W'].flatMap((check) => [check, 'ignore']);
  const options = ['-i', 'none', ...lenient, '-D', '-o', 'dump', ORIGIN, 'zone'];
  const { status, stdout } = spawnSync(oracle!, options, { cwd: directory, timeout: 10_000 });
  const said = stdout.toString('latin1');
  if (status !== 0) return { lines: undefined, said };
  const lines = readFileSync(join(directory, 'dump'), 'latin1')
    .split('\n')
    .map((line) => line.replace(/^\S+/, (owner) => owner.toLowerCase()))
    .map((line) => line.replace(/(\sSOA\s+\S+ \S+ )\d+/, '$10'))
    .toSorted();
  return { lines, said };
}

function withoutSignatureTtls(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^(\S+\s+)\d+(\s+IN RRSIG)/, '$1-$2')).toSorted();
}
