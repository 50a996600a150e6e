#!/usr/bin/env node
// The `signpost` command. Plain JavaScript, so that an old Node can run it: it re-executes itself under the
// pinned Node of node_modules when the Node that runs it cannot run TypeScript.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 12)) {
  const { runCommandLine } = await import('../src/command-line.ts');
  await runCommandLine(process.argv);
} else {
  runUnderPinnedNode();
}

function runUnderPinnedNode() {
  const node = pinnedNode();
  if (node === undefined) {
    console.error(
      `signpost needs Node >= 24.12, this is ${process.versions.node}: run "npm ci", which brings its own.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`signpost: cannot run ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 1;
  });
}

function pinnedNode() {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    return undefined;
  }
}
