/**
 * The table of types that have a text form of their own, by number. All others are
 * written as octets (RFC 3597).
 */
import { RRType } from '../constants.ts';
import { a } from './a.ts';
import { aaaa } from './aaaa.ts';
import { caa } from './caa.ts';
import { cert, dhcid, openpgpkey } from './cert.ts';
import { cname } from './cname.ts';
import { csync } from './csync.ts';
import { dname } from './dname.ts';
import { cdnskey, dnskey, key } from './dnskey.ts';
import { cds, ds } from './ds.ts';
import { eui48, eui64 } from './eui.ts';
import { hinfo } from './hinfo.ts';
import { loc } from './loc.ts';
import { mx } from './mx.ts';
import { afsdb, kx, lp, minfo, px, rp, rt } from './names-and-numbers.ts';
import { naptr } from './naptr.ts';
import { ns } from './ns.ts';
import { nsec } from './nsec.ts';
import { nsec3, nsec3param } from './nsec3.ts';
import { ptr } from './ptr.ts';
import type { RdataFormat } from './rdata-format.ts';
import { rrsig } from './rrsig.ts';
import { singleName } from './single-name.ts';
import { soa } from './soa.ts';
import { srv } from './srv.ts';
import { sshfp } from './sshfp.ts';
import { https, svcb } from './svcb.ts';
import { smimea, tlsa } from './tlsa.ts';
import { txt } from './txt.ts';
import { uri } from './uri.ts';
import { zonemd } from './zonemd.ts';

export const RDATA_FORMATS: ReadonlyMap<number, RdataFormat> = new Map<number, RdataFormat>([
  [RRType.A, a],
  [RRType.AAAA, aaaa],
  [RRType.AFSDB, afsdb],
  [RRType.AVC, txt],
  [RRType.CAA, caa],
  [RRType.CDNSKEY, cdnskey],
  [RRType.CDS, cds],
  [RRType.CERT, cert],
  [RRType.CNAME, cname],
  [RRType.CSYNC, csync],
  [RRType.DHCID, dhcid],
  [RRType.DNAME, dname],
  [RRType.DNSKEY, dnskey],
  [RRType.DS, ds],
  [RRType.EUI48, eui48],
  [RRType.EUI64, eui64],
  [RRType.HINFO, hinfo],
  [RRType.HTTPS, https],
  [RRType.KEY, key],
  [RRType.KX, kx],
  [RRType.LOC, loc],
  [RRType.LP, lp],
  [RRType.MB, singleName('MB')],
  [RRType.MG, singleName('MG')],
  [RRType.MINFO, minfo],
  [RRType.MR, singleName('MR')],
  [RRType.MX, mx],
  [RRType.NAPTR, naptr],
  [RRType.NINFO, txt],
  [RRType.NS, ns],
  [RRType.NSEC, nsec],
  [RRType.NSEC3, nsec3],
  [RRType.NSEC3PARAM, nsec3param],
  [RRType.OPENPGPKEY, openpgpkey],
  [RRType.PTR, ptr],
  [RRType.PX, px],
  [RRType.RESINFO, txt],
  [RRType.RP, rp],
  [RRType.RRSIG, rrsig],
  [RRType.RT, rt],
  [RRType.SMIMEA, smimea],
  [RRType.SOA, soa],
  [RRType.SPF, txt],
  [RRType.SRV, srv],
  [RRType.SSHFP, sshfp],
  [RRType.SVCB, svcb],
  [RRType.TLSA, tlsa],
  [RRType.TXT, txt],
  [RRType.URI, uri],
  [RRType.ZONEMD, zonemd],
]);
