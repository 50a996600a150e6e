/**
 * What main thread and workers tell each other. Requests are answered in order, each once; structured clone carries
 * them, so only plain values stand here.
 */
import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import type { ClientTable } from '@signpost/policy/client-table';

import type { SamplesByZone } from '../count/read-samples.ts';
import type { Listens } from '../listen/endpoint.ts';
import type { Certificate } from '../listen/tls-listener.ts';
import type { ImageMemory } from '../image/layout.ts';
import type { SharedStart } from './shared-start.ts';

export interface WorkerStart {
  readonly counters: SharedArrayBuffer;
  readonly udp: UdpLayerName;
  /** The same for all workers. */
  readonly shared: SharedStart;
}

export type WorkerRequest =
  /** To answer from instead of the one before, of which nothing may be held when this is answered. */
  | { readonly kind: 'image'; readonly memory: ImageMemory }
  /** What is not held any more is to be given back. */
  | { readonly kind: 'collect' }
  /** The octets are shared memory, read in place by all workers. */
  | { readonly kind: 'geo' | 'systems'; readonly octets: Uint8Array; readonly file: string }
  /** Shared memory too. `rules`: the key of the rules that it flattens; undefined: it is given up. */
  | { readonly kind: 'client_table'; readonly rules: string; readonly table: ClientTable | undefined }
  /** Checked, and shared memory as well; undefined: nothing is known of round trips any more. */
  | { readonly kind: 'latencies'; readonly octets: Uint8Array | undefined }
  /** When these targets were last given. */
  | { readonly kind: 'last_answers'; readonly targets: readonly string[] }
  /** What was sampled since this was asked last. */
  | { readonly kind: 'samples' }
  | { readonly kind: 'stale'; readonly isStale: boolean }
  /** For handshakes from now on; comes before TLS is opened. */
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'open'; readonly listens: Listens }
  | { readonly kind: 'close' };

export type WorkerReply =
  | { readonly kind: 'done' }
  /** Milliseconds since 1970, 0 for never, in the order of the question. */
  | { readonly kind: 'last_answers'; readonly times: readonly number[] }
  | { readonly kind: 'samples'; readonly byZone: SamplesByZone }
  /** Sockets could not be opened; none is open. */
  | { readonly kind: 'not_listening'; readonly message: string; readonly portTaken: boolean }
  /** A mistake of ours: the whole service ends. */
  | { readonly kind: 'failed'; readonly message: string };
