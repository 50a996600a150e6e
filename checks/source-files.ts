/** Which files and packages the repository has; paths relative to its root, where the tests run. */
import { existsSync, globSync } from 'node:fs';

export function workspacePackages(): string[] {
  return [...globSync('libs/*'), ...globSync('services/*'), 'cli'].filter((directory) =>
    existsSync(`${directory}/package.json`),
  );
}

/** Every TypeScript file of a workspace package. */
export function sourceFiles(): string[] {
  return globSync('{libs/*,services/*,cli}/src/**/*.ts').toSorted();
}

/** `libs/dns/src/rdata/a.ts` -> `libs/dns`. */
export function packageOf(file: string): string {
  return file.startsWith('cli/') ? 'cli' : file.split('/').slice(0, 2).join('/');
}
