/** The runs that `docs/simulate.md` shows come out as it says, with their plots. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';

import { isFullRun } from '@signpost/testkit/test-scale';

import { commandsOf, plotOf, plotPath, SIMULATIONS_PAGE, simulationsText } from './simulations-document.ts';

const page = readFileSync(SIMULATIONS_PAGE, 'utf8');

/** The first of each section; all of them in a full run. */
const commands = isFullRun()
  ? commandsOf(page)
  : page.split(/^## /m).flatMap((section) => commandsOf(section).slice(0, 1));

test('runs of docs/simulate.md come out as the page shows them, and so do their plots', (t) => {
  assert.ok(commands.length > 2);
  const directory = mkdtempSync(`${tmpdir()}/signpost-simulations-`);
  t.after(() => rmSync(directory, { recursive: true }));
  assert.equal(page, simulationsText(page, { directory, commands }), 'run "npm run docs"');
  for (const plot of commands.map(plotOf)) {
    const drawn = readFileSync(plotPath(plot, directory), 'utf8');
    assert.equal(readFileSync(plot, 'utf8'), drawn, `${plot}: run "npm run docs"`);
  }
});

test('every plot that a command writes is shown, and none else', () => {
  const shown = [...page.matchAll(/!\[[^\]]*\]\(([^)]+\.svg)\)/g)].map(([, path]) => `docs/${path}`);
  assert.deepEqual(shown.toSorted(), commandsOf(page).map(plotOf).toSorted());
});
