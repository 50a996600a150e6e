/** `signpost demo-target --listen HOST:PORT`: one demo target in the foreground, until SIGTERM. */
import { once } from 'node:events';

import { startShortener } from '../demo/shortener.ts';
import { printLine } from '../draw/print.ts';

export async function demoTarget(options: {
  listen: { host: string; port: number };
  name: string;
}): Promise<void> {
  const { host, port } = options.listen;
  await using target = await startShortener({ host, port, name: options.name });
  printLine(`demo target ${options.name} redirects on ${host}:${target.port}`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
}
