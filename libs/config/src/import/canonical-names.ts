/** Names of a source as a configuration has them: owners relative to the apex, hosts absolute. */
import { formatName, parseName, parseNameKeepingCase, formatNameKeepingCase } from '@signpost/dns/name-text';
import { isSubdomain } from '@signpost/dns/wire-name';

/** `WWW.Example.net.` in `example.net` -> `www`, the apex -> `@`; undefined outside of the zone. Throws NameError. */
export function relativeOwner(name: string, apex: string): string | undefined {
  const wire = parseName(name);
  if (!isSubdomain(wire, parseName(apex))) return undefined;
  const text = formatName(wire);
  if (text === apex) return '@';
  const owner = apex === '.' ? text : text.slice(0, -apex.length - 1);
  return owner === '__proto__' ? '\\095_proto__' : owner; // which is no key, see read-yaml.ts
}

/** With the final dot, letters as they are. Throws NameError. */
export function absoluteHost(name: string): string {
  const text = formatNameKeepingCase(parseNameKeepingCase(name));
  return text === '.' ? text : `${text}.`;
}

/** What nouns of an owner are called after: `www`, the apex in full, `wildcard-go` for `*.go`. */
export function nounBase(owner: string, apex: string): string {
  return owner === '@' ? apex : owner.replace(/^\*/, 'wildcard');
}
