import assert from 'node:assert/strict';
import { test } from 'node:test';

import { followRedirect, type Visit } from './follow-redirect.ts';

const from: Visit = { scheme: 'http', host: 'go.example.net', port: 8080, path: '/a/b', method: 'GET' };

function next(location: string, { status = 302, visit = from } = {}) {
  const outcome = followRedirect(visit, status, location);
  if (outcome === undefined || 'kind' in outcome) return outcome?.reason;
  const { scheme, host, port, path, method } = outcome;
  return `${method} ${scheme} ${host} ${port} ${path}`;
}

test('stays at the address and port of the check while the origin stays', () => {
  assert.equal(next('/c?d=1#e'), 'GET http go.example.net 8080 /c?d=1');
  assert.equal(next('c'), 'GET http go.example.net 8080 /a/c');
  assert.equal(next('http://GO.example.net/'), 'GET http go.example.net 8080 /');
});

test('takes the port of another origin of the same host', () => {
  assert.equal(next('https://go.example.net/c'), 'GET https go.example.net 443 /c');
  assert.equal(next('https://go.example.net:8443/c'), 'GET https go.example.net:8443 8443 /c');
  assert.equal(next('http://go.example.net:9090/'), 'GET http go.example.net:9090 9090 /');
});

test('fails when it leaves the host, or leads nowhere', () => {
  assert.equal(
    next('http://login.example.net/'),
    'redirect to "http://login.example.net", which leaves the target',
  );
  assert.equal(
    next('ftp://go.example.net/'),
    'redirect to "ftp://go.example.net/", which is no place to go to',
  );
  assert.equal(next('http://['), 'redirect to "http://[", which is no place to go to');
});

test('repeats the method for 307 and 308 alone, and follows nothing that is no redirect', () => {
  const visit = { ...from, method: 'POST', body: 'x' };
  assert.equal(next('/c', { status: 308, visit }), 'POST http go.example.net 8080 /c');
  assert.equal(next('/c', { status: 303, visit }), 'GET http go.example.net 8080 /c');
  assert.equal(next('/c', { status: 304 }), undefined);
  assert.equal(followRedirect(from, 302, undefined), undefined);
});
