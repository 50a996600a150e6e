/**
 * The AsyncAPI 3 document of everything on NATS, made from the contracts: channels from `subjects`, messages from
 * the event kinds' schemas. `docs/asyncapi.yaml` is this document, held to it by a test; `npm run docs` writes it.
 */
import { stringify } from 'yaml';
import * as z from 'zod';

import { answersSampled } from '@signpost/contracts/answer-sample';
import type { EventKind } from '@signpost/contracts/cloud-event';
import { guardHeld } from '@signpost/contracts/guard';
import { healthReported } from '@signpost/contracts/health-report';
import { authorityBeat, proberBeat } from '@signpost/contracts/heartbeats';
import { latencyMeasured } from '@signpost/contracts/latency-signal';
import { overrideChanged } from '@signpost/contracts/override';
import { probeAsked } from '@signpost/contracts/probe-now';
import { configChanged, recordsChanged } from '@signpost/contracts/publication';
import { subjects } from '@signpost/contracts/subjects';
import { targetBeat } from '@signpost/contracts/target-heartbeat';
import { targetLoaded } from '@signpost/contracts/target-load';
import { vantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged } from '@signpost/contracts/verdict';

interface Channel {
  readonly subject: keyof typeof subjects;
  readonly parameters: readonly string[];
  readonly kind: EventKind<z.ZodType> | undefined;
  /** Who sends it to whom, and what a subscriber may rely on. */
  readonly description: string;
}

export const channels: readonly Channel[] = [
  {
    subject: 'healthReport',
    parameters: ['monitor', 'target', 'vantage', 'prober'],
    kind: healthReported,
    description:
      'Prober to controller: its whole present view of one target. Stream SIGNPOST_HEALTH keeps the last one of each subject.',
  },
  {
    subject: 'healthChanged',
    parameters: ['monitor', 'target'],
    kind: healthChanged,
    description:
      'Controller to anyone: a verdict changed, with the evidence of each vantage. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'recordsChanged',
    parameters: ['zone'],
    kind: recordsChanged,
    description:
      'Controller to anyone: one publication changed record sets of a zone. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'overrideChanged',
    parameters: ['target'],
    kind: overrideChanged,
    description:
      'Controller to anyone: another override counts for a target than before, or none any more. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'configChanged',
    parameters: [],
    kind: configChanged,
    description:
      'Controller to anyone: another configuration is the running one. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'vantageChanged',
    parameters: ['vantage'],
    kind: vantageChanged,
    description:
      'Controller to anyone: a vantage votes, fell silent or is quarantined. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'guardHeld',
    parameters: [],
    kind: guardHeld,
    description:
      'Controller to anyone: a guard holds a removal that no quorum confirmed, or lifts the hold. Stream SIGNPOST_EVENTS, 7 days.',
  },
  {
    subject: 'answersSampled',
    parameters: ['zone'],
    kind: answersSampled,
    description:
      'Authority to controller, each second: samples of the steered answers it gave in a zone, each with the number of answers it stands for. Core NATS, not kept.',
  },
  {
    subject: 'targetHeartbeat',
    parameters: ['target'],
    kind: targetBeat,
    description:
      "Users' systems to controller: a target of a monitor of type push is alive. An empty payload, or the data alone without its envelope, will do. Core NATS, not kept.",
  },
  {
    subject: 'targetLoad',
    parameters: ['target'],
    kind: targetLoaded,
    description:
      "Users' systems to controller: what a target carries now, every 5 s or so. The data alone without its envelope will do. Core NATS, not kept.",
  },
  {
    subject: 'latencySignal',
    parameters: ['target'],
    kind: latencyMeasured,
    description:
      "Users' systems, and controllers for the browsers that send them beacons, to controller: round trips between clients and a target. The data alone without its envelope will do. Core NATS, not kept.",
  },
  {
    subject: 'proberHeartbeat',
    parameters: ['vantage', 'prober'],
    kind: proberBeat,
    description:
      'Prober to controller, each second: keeps its reports fresh and lets a missing one be noticed. Core NATS, not kept.',
  },
  {
    subject: 'proberResend',
    parameters: ['vantage', 'prober'],
    kind: undefined,
    description:
      'Controller asks a prober (request and reply, empty payloads) to report everything again. Core NATS, not kept.',
  },
  {
    subject: 'probeNow',
    parameters: ['monitor', 'target'],
    kind: probeAsked,
    description:
      'Prober to all probers: it saw a first failure, so whoever has the pair probes it now. Core NATS, not kept.',
  },
  {
    subject: 'authorityHeartbeat',
    parameters: ['node'],
    kind: authorityBeat,
    description:
      'Authority to controller, each second: the generation it answers from, and when it last gave each target that left its answers. Core NATS, not kept.',
  },
];

/** The subject with `{parameter}` in place of each token. */
export function addressOf(channel: Channel): string {
  const make: (...tokens: string[]) => string = subjects[channel.subject];
  // A zone is encoded into its token, so braces must be put in afterwards.
  const marks = channel.parameters.map((_, index) => `parameter${index}`);
  return channel.parameters.reduce(
    (address, parameter, index) => address.replace(`parameter${index}`, `{${parameter}}`),
    make(...marks),
  );
}

export function asyncApiText(version: string): string {
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Signpost',
      version,
      description: 'Events and messages of Signpost on NATS. Payloads are CloudEvents 1.0, structured JSON.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: { nats: { host: '127.0.0.1:4222', protocol: 'nats' } },
    channels: Object.fromEntries(channels.map((channel) => [channel.subject, channelObject(channel)])),
    operations: Object.fromEntries(
      channels.map((channel) => [
        `receive-${channel.subject}`,
        { action: 'receive', channel: { $ref: `#/channels/${channel.subject}` } },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        channels.flatMap(({ subject, kind }) => (kind === undefined ? [] : [[subject, messageObject(kind)]])),
      ),
    },
  };
  return `# Made from libs/contracts by "npm run docs"; a test holds it to the code.\n${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

function channelObject(channel: Channel): object {
  return {
    address: addressOf(channel),
    description: channel.description,
    parameters: Object.fromEntries(
      channel.parameters.map((parameter) => [
        parameter,
        {
          description:
            parameter === 'zone'
              ? 'The apex: dots as `_`, other octets outside [a-z0-9-] as `=xx`, the root as `=`.'
              : 'A name, [a-z0-9-]{1,63}.',
        },
      ]),
    ),
    messages:
      channel.kind === undefined
        ? { request: { payload: { description: 'Empty.' } } }
        : { [channel.subject]: { $ref: `#/components/messages/${channel.subject}` } },
  };
}

function messageObject(kind: EventKind<z.ZodType>): object {
  const { $schema: _, ...data } = z.toJSONSchema(kind.schema, { io: 'input', target: 'draft-7' });
  return {
    name: kind.type,
    contentType: 'application/cloudevents+json',
    payload: {
      type: 'object',
      required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data'],
      properties: {
        specversion: { const: '1.0' },
        id: { type: 'string' },
        source: { type: 'string' },
        type: { const: kind.type },
        subject: { type: 'string' },
        time: { type: 'string', format: 'date-time' },
        datacontenttype: { const: 'application/json' },
        data,
      },
    },
  };
}
