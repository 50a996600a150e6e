/** `signpost query NAME TYPE --subnet PREFIX`: asks a server over UDP (TCP on truncation or demand) and draws the answer. */
import { exchange, type QueryOptions } from '../dns-exchange.ts';
import { drawResponse, responseObject } from '../draw/dns-response.ts';
import { printJson, printLine, printProblem } from '../draw/print.ts';

export interface QueryFlags {
  readonly subnet?: string;
  readonly server: string;
  readonly port: number;
  readonly tcp?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export async function query(name: string, type: string, flags: QueryFlags): Promise<void> {
  const options: QueryOptions = {
    name,
    type,
    server: flags.server,
    port: flags.port,
    tcp: flags.tcp === true,
    timeoutMs: flags.timeout,
    ...(flags.subnet === undefined ? {} : { subnet: flags.subnet }),
  };
  try {
    const response = await exchange(options);
    if (flags.json === true) printJson(responseObject(response));
    else for (const line of drawResponse(response)) printLine(line);
  } catch (error) {
    printProblem(`signpost: ${whyNoAnswer(error as NodeJS.ErrnoException, options)}`);
    process.exitCode = 1;
  }
}

function whyNoAnswer({ code, message }: NodeJS.ErrnoException, { server, port }: QueryOptions): string {
  if (code !== 'ECONNREFUSED') return message;
  return `nobody answers at ${server}, port ${port} (connection refused): is a server running there? --server and --port say where to ask`;
}
