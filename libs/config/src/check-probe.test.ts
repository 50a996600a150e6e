import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkConfiguration } from './check-configuration.ts';

/** `path: message` of every mistake of one monitor, without the part of the path that all share. */
function mistakesOf(monitor: string, target = 'a: 192.0.2.1'): string[] {
  const text = `apiVersion: signpost/v1
vantages: { local: {} }
monitors:
  m: ${monitor}
targets:
  t: { ${target} }
pools: { p: { monitor: m, members: [ { target: t } ] } }
`;
  const checked = checkConfiguration(text, 'f');
  return checked.ok ? [] : checked.mistakes.map(({ path, message }) => `${path}: ${message}`);
}

test('http: a body and its method, sets of statuses, what HEAD cannot show', () => {
  const url = 'url: { host: go.example.net }';
  assert.deepEqual(
    mistakesOf(`{ type: http, ${url}, method: POST, body: x, expect: { status: [2xx, 300-302, 404] } }`),
    [],
  );
  assert.deepEqual(mistakesOf(`{ type: http, ${url}, body: x }`), [
    'monitors.m.body: a GET request has no body; write another method, such as POST, or remove body',
  ]);
  assert.deepEqual(
    mistakesOf(`{ type: http, ${url}, method: HEAD, expect: { contains: x, status: [299-200] } }`),
    [
      'monitors.m.expect.contains: the answer to HEAD has no body that could contain this; write another method, such as GET',
      'monitors.m.expect.status[0]: no status is in 299-200; write the smaller one first',
    ],
  );
  assert.equal(mistakesOf(`{ type: http, ${url}, expect: { status: [2x] } }`).length, 1);
  assert.match(mistakesOf('{ type: http, url: { host: "https://x" } }')[0]!, /is no host name/);
});

test('certificates: the warning comes before the failure, and ca holds certificates', () => {
  const expect = 'expect: { certificate: { warn_before: 2d, fail_before: 3d }, ca: /etc/ca.pem }';
  for (const kind of [
    'type: tls, port: 993',
    'type: grpc, port: 50051, tls: true',
    'type: http, url: { host: x.example }',
  ]) {
    assert.deepEqual(mistakesOf(`{ ${kind}, ${expect} }`), [
      'monitors.m.expect.certificate.fail_before: the failure 3d ahead comes before the warning 2d ahead; write a shorter fail_before or a longer warn_before',
      'monitors.m.expect.ca: there is no PEM block "CERTIFICATE" in it; write the certificates themselves, not a file name',
    ]);
  }
});

test('tcp and tls: what is sent has an answer to wait for', () => {
  const message =
    'monitors.m.send: an answer is not waited for unless one is expected; add expect: { contains: TEXT }, or remove send';
  assert.deepEqual(mistakesOf('{ type: tcp, port: 25, send: QUIT }'), [message]);
  assert.deepEqual(mistakesOf('{ type: tls, port: 465, send: QUIT }'), [message]);
  assert.deepEqual(mistakesOf('{ type: tls, port: 465, send: QUIT, expect: { contains: "221" } }'), []);
});

test('dns: name, type, response code and data are those of the DNS', () => {
  const good =
    '{ type: dns, query: { name: go.example.net., type: MX }, expect: { answers: ["10 mail.example.net."] } }';
  assert.deepEqual(mistakesOf(good), []);
  const wrong =
    '{ type: dns, query: { name: go.example.net, type: MX }, expect: { rcode: NXDOMAN, answers: ["mail"] } }';
  const [name, rcode, answer, ...more] = mistakesOf(wrong);
  assert.match(name!, /^monitors\.m\.query\.name: "go\.example\.net" has no final dot/);
  assert.match(
    rcode!,
    /^monitors\.m\.expect\.rcode: there is no response code NXDOMAN; write one of NOERROR, /,
  );
  assert.match(answer!, /^monitors\.m\.expect\.answers\[0\]: MX: /);
  assert.deepEqual(more, []);
  assert.match(mistakesOf('{ type: dns, query: { name: x., type: AAAAA } }')[0]!, /there is no type "AAAAA"/);
});

test('icmp has no port, and a target says as which host it is asked', () => {
  assert.deepEqual(mistakesOf('{ type: icmp }'), []);
  assert.equal(mistakesOf('{ type: icmp, port: 7 }').length, 1);
  assert.deepEqual(
    mistakesOf('{ type: icmp }', 'a: 192.0.2.1, check: { host: "a b", server_name: x.example }'),
    ['targets.t.check.host: "a b" is no host name; write scheme, port and path as keys of their own'],
  );
});
