/** What NATS and Redis differ in as test servers, and what each way of running one offers. Types only. */
import type { ServerBinary } from './server-source.ts';

/** What a runner needs to know of NATS or Redis. */
export interface ServerKind {
  readonly binary: ServerBinary;
  readonly scheme: string;
  /** The port inside a container. */
  readonly standardPort: number;
  /** Where a container keeps data. */
  readonly containerDataDir: string;
  /** The line that says that clients may come. */
  readonly readyLine: RegExp;
  readonly portTakenLine: RegExp;
  /** Files to have beside the data: name -> content. */
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of the server; `filesDir` is where `files` stand. */
  args(at: {
    readonly host: string;
    readonly port: number;
    readonly dataDir: string;
    readonly filesDir: string;
  }): string[];
  /** Resolves when the server talks its protocol on this port; rejects when not yet. */
  greet(port: number): Promise<void>;
}

export interface ServerPlace {
  readonly port: number | undefined;
  readonly dataDir: string | undefined;
}

/** One way to run a server; a `start` after `end` uses the same port and data. */
export interface ServerRunner {
  readonly port: number;
  readonly pid: number;
  readonly lines: readonly string[];
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  wipe(): Promise<void>;
  dispose(): Promise<void>;
}
