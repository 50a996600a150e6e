/** A small configuration for tests: one zone, three regions, one address family or two. */
import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import type { Configuration } from '@signpost/contracts/configuration';

export const EXAMPLE_YAML = `apiVersion: signpost/v1
defaults: { ttl: { stable: 30, suspect: 10, floor: 5 }, all_down: fail_open }
vantages:
  eu: {}
  us: {}
  ap: {}
monitors:
  web:
    type: http
    url: { host: go.example.net, port: 8080, path: /probe }
    expect: { status: [301], header: { Location: "https://example.net/ok" } }
    interval: 1s
    timeout: 500ms
    rise: 1
    fall: 1
targets:
  eu-a: { a: 192.0.2.10, aaaa: "2001:db8:1::10" }
  eu-b: { a: 192.0.2.11 }
  us-a: { a: 198.51.100.10, check: { address: 127.0.0.1, port: 18082 } }
  static-a: { a: 203.0.113.99 }
pools:
  eu: { monitor: web, members: [ { target: eu-a, weight: 80 }, { target: eu-b, weight: 20 } ] }
  us: { monitor: web, members: [ { target: us-a } ] }
  spare: { members: [ { target: static-a } ] }
policies:
  global:
    rules:
      - { when: { geos: [EU] }, try: [eu, us, spare] }
      - { try: [us, eu, spare] }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net., ns2.example.net.]
    records:
      go: { steer: global }
      www: { type: CNAME, ttl: 300, value: go.example.net. }
      "@": [ { type: MX, values: [ { preference: 10, exchange: mail.example.net. } ] }, { type: TXT, value: hello } ]
      ns1: { type: A, value: 192.0.2.53 }
      ns2: { type: A, value: 192.0.2.54 }
      a.b: { type: A, value: 192.0.2.1 }
      "*.wild": { type: A, value: 192.0.2.2 }
`;

export function exampleConfiguration(yaml = EXAMPLE_YAML): Configuration {
  const checked = checkConfiguration(yaml, 'example.yaml');
  if (checked.ok) return checked.configuration;
  throw new Error(checked.mistakes.map(formatMistake).join('\n'));
}
