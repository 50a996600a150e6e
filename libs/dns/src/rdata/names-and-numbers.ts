/**
 * Small types that are a number and a name, or two names: RP (RFC 1183 2.2), MINFO (RFC 1035 3.3.7),
 * AFSDB, RT (RFC 1183 1 and 3.3), KX (RFC 2230), LP (RFC 6742 2.4), PX (RFC 2163 4), TALINK (draft-ietf-dnsop-dnssec-trust-history).
 */
import { name, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const rp = rdataOfParts('RP', [name('mailbox'), name('text')]);
export const minfo = rdataOfParts('MINFO', [name('responsible'), name('errors')]);
export const afsdb = rdataOfParts('AFSDB', [number('subtype', 2), name('host')]);
export const rt = rdataOfParts('RT', [number('preference', 2), name('host')]);
export const kx = rdataOfParts('KX', [number('preference', 2), name('exchanger')]);
export const lp = rdataOfParts('LP', [number('preference', 2), name('host')]);
export const px = rdataOfParts('PX', [number('preference', 2), name('map822'), name('mapx400')]);
export const talink = rdataOfParts('TALINK', [name('previous'), name('next')]);
