/**
 * What a monitor of each kind is told besides its timing: where and what to ask, and what to expect.
 * Shapes of objects, not schemas: `configuration.ts` puts the timing beside them. References are libs/config's.
 */
import * as z from 'zod';

import { durationSchema } from './duration.ts';

const portSchema = z.number().int().min(1).max(65_535);
const hostSchema = z.string().min(1).max(255);

/** How much of an answer is looked at, and hence how much a target can make a prober read. */
export const MAX_ANSWER_OCTETS = 65_536;

const containsSchema = z
  .string()
  .min(1)
  .max(1_024)
  .meta({ description: 'Text that must stand in the first 64 KiB of the answer, octet for octet.' });

const serverNameSchema = hostSchema.meta({
  description: 'SNI and the name that the certificate must be for.',
});

const certificateSchema = z
  .strictObject({
    verify: z.boolean().default(true).meta({
      description: 'false takes any certificate, whoever signed it, whatever its name, even expired.',
    }),
    warn_before: durationSchema.default(14 * 86_400_000).meta({
      description: 'Reports carry a warning when the certificate expires within this time; 14d.',
    }),
    fail_before: durationSchema.optional().meta({
      description: 'The probe fails when the certificate expires within this time; when it has expired.',
    }),
  })
  .default({ verify: true, warn_before: 14 * 86_400_000 });

/** What is expected of a TLS server, of every kind that speaks TLS. */
const tlsExpectation = {
  ca: z.string().optional().meta({ description: 'PEM certificates trusted besides the well-known ones.' }),
  certificate: certificateSchema,
};
const tlsExpectationDefault = { certificate: { verify: true, warn_before: 14 * 86_400_000 } };

const statusSchema = z.union([
  z.number().int().min(100).max(599),
  z
    .string()
    .regex(/^[1-5](xx|\d\d-[1-5]\d\d)$/, 'a set of statuses is written as 2xx or 200-299')
    .transform((text): [number, number] => {
      const [from, to = ''] = text.split('-');
      return to === '' ? [Number(text[0]) * 100, Number(text[0]) * 100 + 99] : [Number(from), Number(to)];
    }),
]);

export const httpMonitor = {
  type: z.literal('http'),
  url: z.strictObject({
    scheme: z.enum(['http', 'https']).default('http'),
    /** Host header, SNI and the name in the certificate. */
    host: hostSchema,
    /** Absent: 80 or 443 by the scheme. */
    port: portSchema.optional(),
    path: z.string().startsWith('/').max(2048).default('/'),
  }),
  protocol: z.enum(['http1', 'http2', 'any']).default('http1').meta({
    description: 'HTTP/1.1, HTTP/2 (by ALPN over TLS, else with prior knowledge), or what TLS agrees on.',
  }),
  server_name: serverNameSchema.optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().max(16_384).optional(),
  redirects: z.number().int().min(0).max(5).default(0).meta({
    description: 'How many redirects to the same host are followed; one that is expected never is.',
  }),
  expect: z
    .strictObject({
      status: z.array(statusSchema).min(1).default([200]),
      header: z.record(z.string(), z.string()).default({}),
      contains: containsSchema.optional(),
      ...tlsExpectation,
    })
    .default({ status: [200], header: {}, ...tlsExpectationDefault }),
};

const sendSchema = z
  .string()
  .min(1)
  .max(1_024)
  .meta({ description: 'Text to send first; escapes such as \\r\\n in double quotes.' });

export const tcpMonitor = {
  type: z.literal('tcp'),
  port: portSchema,
  send: sendSchema.optional(),
  expect: z.strictObject({ contains: containsSchema.optional() }).default({}),
};

export const tlsMonitor = {
  type: z.literal('tls'),
  port: portSchema,
  /** Absent: the target's host name or address. */
  server_name: serverNameSchema.optional(),
  alpn: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(8)
    .optional()
    .meta({ description: 'Protocols to offer (RFC 7301); the server must choose one of them.' }),
  send: sendSchema.optional(),
  expect: z
    .strictObject({ contains: containsSchema.optional(), ...tlsExpectation })
    .default(tlsExpectationDefault),
};

export const grpcMonitor = {
  type: z.literal('grpc'),
  port: portSchema,
  tls: z.boolean().default(false),
  /** `:authority`, and SNI unless `server_name` is given. Absent: the target's host name or address. */
  host: hostSchema.optional(),
  server_name: serverNameSchema.optional(),
  service: z.string().max(1_024).default('').meta({
    description: 'Service of grpc.health.v1 to ask for; empty: the server as a whole.',
  }),
  expect: z.strictObject(tlsExpectation).default(tlsExpectationDefault),
};

export const dnsMonitor = {
  type: z.literal('dns'),
  port: portSchema.default(53),
  transport: z.enum(['udp', 'tcp']).default('udp'),
  query: z.strictObject({
    /** With the final dot. */
    name: z.string().min(1).max(1_024),
    type: z.string().min(1).max(16).default('A'),
    recurse: z.boolean().default(false).meta({ description: 'Ask for recursion, as of a resolver.' }),
  }),
  expect: z
    .strictObject({
      rcode: z
        .string()
        .regex(/^[A-Z]+$/, 'a response code is written as NOERROR or NXDOMAIN')
        .default('NOERROR'),
      answers: z.array(z.string().min(1).max(1_024)).min(1).max(64).optional().meta({
        description: 'Data of the type asked for that must be among the answers; others may be there too.',
      }),
    })
    .default({ rcode: 'NOERROR' }),
};

export const icmpMonitor = { type: z.literal('icmp') };
