/**
 * `docs/simulate.md` with the output of the commands that it shows, run anew. The commands say which plots there are;
 * what comes out follows from files and seeds alone, so the page is right exactly when nothing changes.
 */
import { execFileSync } from 'node:child_process';

export const SIMULATIONS_PAGE = 'docs/simulate.md';

/** A `console` block of the page: the command, and what it prints. */
const SHOWN_RUN = /^```console\n\$ signpost (simulate [^\n]*)\n([\s\S]*?)^```$/gm;

export interface RunOptions {
  /** Where plots are written, in place of where the commands say. */
  readonly directory?: string;
  /** What else is shown stays as it is. Absent: all are run. */
  readonly commands?: readonly string[];
}

export function simulationsText(page: string, { directory, commands }: RunOptions = {}): string {
  return page.replaceAll(SHOWN_RUN, (block, command: string) => {
    if (commands?.includes(command) === false) return block;
    return `\`\`\`console\n$ signpost ${command}\n${outputOf(command, directory)}\`\`\``;
  });
}

/** In the order of the page. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(SHOWN_RUN)].map(([, command]) => command!);
}

/** As the command writes it. */
export function plotOf(command: string): string {
  const plot = /--plot (\S+)/.exec(command)?.[1];
  if (plot === undefined) throw new TypeError(`"${command}" draws no plot; add --plot`);
  return plot;
}

/** Where `simulationsText` writes a plot. */
export function plotPath(plot: string, directory: string | undefined): string {
  return directory === undefined ? plot : `${directory}/${plot.replaceAll('/', '_')}`;
}

function outputOf(command: string, directory: string | undefined): string {
  const words = command.split(' ');
  const args = words.map((word, i) => (words[i - 1] === '--plot' ? plotPath(word, directory) : word));
  const env = { ...process.env, NO_COLOR: '1' };
  return execFileSync(process.execPath, ['cli/bin/signpost.js', ...args], { encoding: 'utf8', env });
}
