/**
 * The table of contents of the command `signpost`. Each command is a file of its own, loaded when it is called,
 * so that `signpost query` does not start the telemetry of a server. Exit 0 after a clean stop, 2 for a
 * configuration mistake, 1 otherwise.
 */
import { runMain } from '@signpost/lifecycle/run-main';
import { formatDuration } from '@signpost/contracts/duration';
import { VERSION } from '@signpost/contracts/version';
import { Command, Help, Option } from 'commander';

import { apiOptions } from './api-client.ts';
import {
  domainName,
  duration,
  durationMs,
  hostAndPort,
  instant,
  ipAddress,
  moment,
  portNumber,
  prefix,
  recordType,
  resolverCount,
  seedNumber,
  waitMs,
} from './flag-values.ts';
import { serviceOptions, mergeFlags, type ServiceName } from './service-options.ts';

export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('signpost')
    .description('DNS load balancing that a team runs itself')
    .version(VERSION)
    .configureHelp({
      showGlobalOptions: true,
      optionDescription(option) {
        const text = Help.prototype.optionDescription.call(this, option);
        return option.mandatory && option.defaultValue === undefined ? `${text} (required)` : text;
      },
    })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', outliveReader);
  addServices(program);
  addConfiguration(program);
  addImports(program);
  addExports(program);
  addOverrides(program);
  addDecisions(program);
  addQuestions(program);
  addSimulation(program);
  await program.parseAsync([...argv]);
}

/** Whoever read our output has seen enough (`signpost events | head -1`). */
function endWithReader(error: NodeJS.ErrnoException): void {
  outliveReader(error);
  process.exit(process.exitCode ?? 0);
}

/** What is said of problems, and all that a service says, is no reason to end when nobody reads it. */
function outliveReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function addServices(program: Command): void {
  addService(program, 'start', 'run everything in this process, without NATS or Redis', async (env) =>
    (await import('./commands/start.ts')).start(env),
  );
  addService(
    program,
    'authority',
    'answer DNS queries from the records in Redis, or from zone files',
    async (env) => (await import('@signpost/authority/main')).main(env),
  );
  addService(program, 'controller', 'turn health and configuration into records', async (env) =>
    (await import('@signpost/controller/main')).main(env),
  );
  addService(program, 'prober', 'check targets and report on NATS', async (env) =>
    (await import('@signpost/prober/main')).main(env),
  );
  program
    .command('demo-target')
    .description('run one demo target: a URL shortener whose health POST /fail and /recover switch')
    .requiredOption('--listen <host:port>', 'where to listen', hostAndPort)
    .option('--name <name>', 'what it calls itself in X-Served-By', 'demo')
    .action(async (options: { listen: { host: string; port: number }; name: string }) =>
      runMain(async () => (await import('./commands/demo-target.ts')).demoTarget(options)),
    );
}

function addService(
  program: Command,
  name: ServiceName,
  description: string,
  run: (env: NodeJS.ProcessEnv) => Promise<void>,
): void {
  const command = program.command(name).description(description);
  for (const option of serviceOptions(name)) {
    command.option(`${option.flag} <value>`, `${option.description} [${option.variable}]`, joined);
  }
  command.action(async (flags: Record<string, string>) => {
    process.stdout.off('error', endWithReader).on('error', outliveReader);
    await runMain(() => run(mergeFlags(process.env, name, flags)));
  });
}

/** A flag that is given again adds to what was given before, as in its variable. */
function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`;
}

function addConfiguration(program: Command): void {
  program
    .command('check')
    .description('check a configuration file: every mistake, with its line')
    .argument('<file>')
    .action(async (file: string) => (await import('./commands/check.ts')).check(file));
  program
    .command('check-zone')
    .description('check a zone file: every mistake, with its line')
    .argument('<origin>')
    .argument('<file>')
    .action(async (origin: string, file: string) =>
      (await import('./commands/check-zone.ts')).checkZone(origin, file),
    );
  apiOptions(
    program
      .command('apply')
      .description('check a configuration file and make it the running one')
      .argument('<file>'),
  ).action(async (file: string, options) => (await import('./commands/apply.ts')).apply(file, options));
  apiOptions(
    program
      .command('diff')
      .description(
        'compare a configuration with the running one: who would move where, and what becomes empty',
      )
      .argument('[candidate]', 'its file; without one, the last candidate again'),
  )
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, options) =>
      (await import('./commands/diff.ts')).diff(file, options),
    );
  apiOptions(
    program
      .command('promote')
      .description('apply exactly the candidate that was compared')
      .argument('<hash>', 'as diff shows it, at least 8 digits'),
  ).action(async (hash: string, options) => (await import('./commands/promote.ts')).promote(hash, options));
}

function addImports(program: Command): void {
  const imports = program
    .command('import')
    .description('turn what another name server reads into a configuration');
  importOptions(imports.command('bind').description('a zone file').argument('<file>', 'or - for stdin'))
    .requiredOption('--origin <name>', 'apex of the zone', domainName)
    .action(async (file: string, options: { origin: string }) =>
      (await import('./commands/import-bind.ts')).importBind(file, options),
    );
  const steering = {
    octodns: 'zone files of octoDNS',
    route53: 'what "aws route53 list-..." and "get-hosted-zone" print',
  };
  for (const source of ['octodns', 'route53'] as const) {
    importOptions(
      imports
        .command(source)
        .description(steering[source])
        .argument('<file...>', 'or - for stdin, in any order'),
    )
      .option('--origin <name>', 'apex of the zone, where the files do not say it', domainName)
      .option(
        '--ns <name>',
        'a name server of the zone from now on; may be given again',
        (name: string, before: string[] | undefined) => [...(before ?? []), domainName(name)],
      )
      .option('--contact <name>', 'mailbox of the zone as a name, hostmaster.example.net', domainName)
      .action(async (files: string[], options) =>
        (await import('./commands/import-steering.ts')).importSteering(source, files, options),
      );
  }
}

function importOptions(command: Command): Command {
  return command
    .option('--output <file>', 'where to write it (default: stdout)')
    .option('--strict', 'exit 2, and write nothing, where anything is lost or said otherwise');
}

function addExports(program: Command): void {
  apiOptions(
    program
      .command('export')
      .description('turn a zone into what another name server reads')
      .command('bind')
      .description('a zone as a zone file, steered names as a client nobody knows gets them')
      .argument('<zone>', 'apex of the zone', domainName)
      .option('--config <file>', 'a configuration file in place of the running controller'),
  ).action(async (zone: string, options) =>
    (await import('./commands/export-bind.ts')).exportBind(zone, options),
  );
}

function addOverrides(program: Command): void {
  const override = (name: 'up' | 'down' | 'drain', description: string): Command =>
    overrideOptions(program.command(name).description(description))
      .requiredOption('--for <duration>', 'how long, such as 2h', duration)
      .addOption(
        new Option('--source <source>', 'a human outranks an external system')
          .choices(['human', 'external'])
          .default('human'),
      );
  override('up', 'let targets count as up whatever checks say').action(async (match: string, flags) =>
    (await import('./commands/override.ts')).override('up', match, flags),
  );
  override('down', 'never answer with targets, whatever checks say').action(async (match: string, flags) =>
    (await import('./commands/override.ts')).override('down', match, flags),
  );
  override('drain', 'take targets out of the answers, which is no failure')
    .option('--wait', 'stay until no cache holds an answer with them any more')
    .addOption(durationOption('--timeout <duration>', 'how long to wait, then exit 1', 900_000))
    .action(async (match: string, flags) => (await import('./commands/override.ts')).drain(match, flags));
  overrideOptions(
    program.command('obey').description('lift the overrides of targets: they obey their checks again'),
  ).action(async (match: string, flags) => (await import('./commands/obey.ts')).obey(match, flags));
  apiOptions(program.command('overrides').description('overrides that have not ended, and planned ones'))
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/overrides.ts')).overrides(options));
}

/** A duration with a default, which the help shows as people write it. */
function durationOption(
  flags: string,
  description: string,
  defaultMs: number,
  parse: (text: string) => number = durationMs,
): Option {
  return new Option(flags, description).argParser(parse).default(defaultMs, formatDuration(defaultMs));
}

function overrideOptions(command: Command): Command {
  return apiOptions(command)
    .argument('<match>', 'targets by name, eu-*; or pool/eu, site/fra, target/eu-a')
    .requiredOption('--reason <text>', 'why, for whoever finds it later')
    .option('--by <name>', 'who answers for it (default: user@host)')
    .option('--json', 'print JSON');
}

function addDecisions(program: Command): void {
  apiOptions(
    program
      .command('approve')
      .description('let a removal pass that a guard holds; without an id the only one')
      .argument('[id]', 'as "signpost status" shows it'),
  )
    .requiredOption('--reason <text>', 'why, for whoever finds it later')
    .option('--by <name>', 'who answers for it (default: user@host)')
    .option('--all', 'all that is held')
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, options) =>
      (await import('./commands/approve.ts')).approve(id, options),
    );
}

function addQuestions(program: Command): void {
  apiOptions(program.command('status').description('targets, verdicts and why, vantages, authorities'))
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/status.ts')).status(options));
  program
    .command('query')
    .description('ask a DNS server and draw its answer')
    .argument('<name>', 'name to ask for', domainName)
    .argument('[type]', 'record type', recordType, 'A')
    .option('--subnet <prefix>', 'EDNS Client Subnet to send, such as 81.2.69.0/24', prefix)
    .option('--server <address>', 'address of the server', ipAddress, '127.0.0.1')
    .option('--port <port>', 'its port', portNumber, 5300)
    .option('--tcp', 'ask over TCP')
    .addOption(durationOption('--timeout <duration>', 'how long to wait, such as 500ms', 2_000, waitMs))
    .option('--json', 'print JSON')
    .action(async (name, type, options) => (await import('./commands/query.ts')).query(name, type, options));
  apiOptions(program.command('events').description('follow health, record and guard events'))
    .option('--json', 'print one CloudEvent a line')
    .action(async (options) => (await import('./commands/events.ts')).events(options));
  apiOptions(
    program
      .command('affinity-names')
      .description('signed names that lead to one target each')
      .argument('<owner>'),
  )
    .option('--json', 'print JSON')
    .action(async (owner: string, options) =>
      (await import('./commands/affinity-names.ts')).affinityNames(owner, options),
    );
  apiOptions(program.command('explain').description('why a client gets its answer').argument('<name>'))
    .requiredOption('--client <address>', 'address or prefix of the client', prefix)
    .option(
      '--at <time>',
      'a moment that has passed: 2026-12-01T06:00:00Z, or 10m for ten minutes ago',
      moment,
    )
    .option('--json', 'print JSON')
    .action(async (name: string, options) => (await import('./commands/explain.ts')).explain(name, options));
}

function addSimulation(program: Command): void {
  program
    .command('simulate')
    .description('let a population of resolvers live through a scenario, steered by a configuration file')
    .argument('<file>')
    .addOption(
      new Option('--clients <file>', 'one resolver a line: prefix[,weight[,country]]').conflicts('resolvers'),
    )
    .option(
      '--resolvers <count>',
      'make up so many resolvers (default: as in the scenario, or 1000)',
      resolverCount,
    )
    .option('--scenario <file>', 'population and events as YAML; docs/simulate.md has them all')
    .addOption(durationOption('--for <duration>', 'how long', 1_800_000))
    .option('--name <name>', 'name that the clients ask for (default: the first that steers)', domainName)
    .option('--seed <number>', 'another number, other chance', seedNumber, 1)
    .addOption(
      new Option('--start <time>', 'when it begins, for time windows')
        .argParser(instant)
        .default(Date.UTC(2026, 0, 5, 12), '2026-01-05T12:00:00Z'),
    )
    .option('--geo-db <path>', 'MaxMind database of countries or cities (default: the bundled one)')
    .option('--asn-db <path>', 'MaxMind database of autonomous systems (default: none is known)')
    .option('--plot <file>', 'write an SVG')
    .option('--json', 'print JSON, with every second of every target')
    .action(async (file: string, options) =>
      (await import('./commands/simulate.ts')).simulate(file, options),
    );
}
