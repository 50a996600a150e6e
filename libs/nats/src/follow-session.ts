/**
 * One run of a consumer: from its creation until a gap, silence or an end. The server pushes to an inbox; messages
 * are numbered per consumer, and heartbeats tell the last number, so nothing can be lost unnoticed.
 * It needs the subjects `$JS.API.CONSUMER.CREATE.<stream>`, `$JS.API.STREAM.INFO.<stream>` and `$JS.FC.>`.
 * It must not decide what to do after its end: follow.ts does.
 *
 *   delivery     1   2   3  │  heartbeat "last 3"   4   6   <- 5 is missing: ended
 *   stream seq   4   5   9  │                      10  17
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import { createInbox, type Msg, nanos, type Subscription } from '@nats-io/transport-node';
import type { StoredMessage } from '@signpost/contracts/messaging';

import { decodeHeaders } from './headers.ts';
import type { OpenedStream } from './opened-stream.ts';
import { parseDelivery } from './parse-delivery.ts';

export interface SessionOptions {
  readonly stream: OpenedStream;
  /** A subject pattern of the stream. */
  readonly pattern: string;
  readonly start:
    | { readonly kind: 'last-per-subject' }
    | { readonly kind: 'sequence'; readonly sequence: number };
  /** Called in order. */
  readonly deliver: (message: StoredMessage) => void;
  /** All that was there when the session began has been delivered. Called once. */
  readonly onCaughtUp: () => void;
  /** The session lost something or fell silent. Called at most once, and nothing after it. */
  readonly onBroken: (why: string) => void;
}

export const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 2.5 * HEARTBEAT_MS;

export class FollowSession {
  readonly #options: SessionOptions;
  readonly #subscription: Subscription;
  readonly #inbox: string;
  /** What comes before the session is known to stand on the right stream. */
  #early: Msg[] | undefined = [];
  #delivered = 0;
  #caughtUp = false;
  #lastSequenceAtStart = 0;
  #heardAtMs = performance.now();
  #watchdog: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { nats, inboxPrefix } = options.stream.jetStream.connection;
    this.#inbox = createInbox(inboxPrefix);
    this.#subscription = nats.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.#break(error.message);
        else this.#receive(message);
      },
    });
  }

  /** Makes the consumer. `lastSequence` is what the stream had; throws what the client throws. */
  async create(lastSequence: number): Promise<void> {
    const { stream } = this.#options;
    this.#lastSequenceAtStart = lastSequence;
    const info = await stream.jetStream.manager.consumers.add(stream.name, this.#config());
    if (info.num_pending === 0 && info.delivered.consumer_seq === 0) this.#reachEnd();
  }

  /** Lets the messages through. */
  begin(): void {
    if (this.#ended) return;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.#receive(message);
    if (this.#caughtUp) this.#options.onCaughtUp();
    this.#heardAtMs = performance.now();
    this.#watchdog = setInterval(() => {
      if (performance.now() - this.#heardAtMs > SILENCE_MS) this.#break('silence');
    }, HEARTBEAT_MS / 2);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The server removes a consumer by itself once nobody listens to its inbox. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#watchdog);
    this.#subscription.unsubscribe();
  }

  #config(): Partial<ConsumerConfig> {
    const { pattern, start } = this.#options;
    return {
      deliver_subject: this.#inbox,
      filter_subject: pattern,
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: nanos(HEARTBEAT_MS),
      mem_storage: true,
      num_replicas: 1,
      ...(start.kind === 'last-per-subject'
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence }),
    };
  }

  #receive(message: Msg): void {
    if (this.#ended) return;
    this.#heardAtMs = performance.now();
    if (this.#early !== undefined) this.#early.push(message);
    else if (message.headers?.code === 100) this.#receiveStatus(message);
    else if (message.headers?.code) this.#break(message.headers.description);
    else this.#receiveMessage(message);
  }

  /** A heartbeat, or the server asks how far we are before it sends more. */
  #receiveStatus(message: Msg): void {
    const { nats } = this.#options.stream.jetStream.connection;
    const stalled = message.headers?.get('Nats-Consumer-Stalled');
    if (message.reply) message.respond();
    else if (stalled) nats.publish(stalled);
    const last = message.headers?.get('Nats-Last-Consumer');
    if (!last || stalled) return;
    if (Number(last) !== this.#delivered) this.#break(`delivery ${last} is missing`);
    else this.#reachEnd();
  }

  #receiveMessage(message: Msg): void {
    const delivery = parseDelivery(message.reply ?? '');
    if (delivery === undefined || delivery.deliverySequence !== this.#delivered + 1) {
      this.#break(`delivery ${this.#delivered + 1} is missing`);
      return;
    }
    this.#delivered += 1;
    this.#options.deliver({
      subject: message.subject,
      data: message.data,
      headers: decodeHeaders(message.headers),
      sequence: delivery.streamSequence,
      storedAtMs: delivery.storedAtMs,
    });
    if (delivery.pending === 0 || delivery.streamSequence >= this.#lastSequenceAtStart) this.#reachEnd();
  }

  #reachEnd(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    if (this.#early === undefined) this.#options.onCaughtUp();
  }

  #break(why: string): void {
    if (this.#ended) return;
    this.end();
    this.#options.onBroken(why);
  }
}
