/** `signpost demo-target --listen HOST:PORT`: one demo target in the foreground, until SIGTERM. */
import { once } from 'node:events';

import { startShortener } from '../demo/shortener.ts';
import { printLine } from '../draw/print.ts';

export async function demoTarget(options: { listen: string; name: string }): Promise<void> {
  const colon = options.listen.lastIndexOf(':');
  const host = options.listen.slice(0, colon).replace(/^\[|\]$/g, '');
  await using target = await startShortener({
    host,
    port: Number(options.listen.slice(colon + 1)),
    name: options.name,
  });
  printLine(`demo target ${options.name} redirects on ${host}:${target.port}`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
}
