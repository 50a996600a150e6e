/**
 * The table of types that have a text form of their own, by number. All others are
 * written as octets (RFC 3597).
 */
import { RRType } from '../constants.ts';
import { a } from './a.ts';
import { aaaa } from './aaaa.ts';
import { apl } from './apl.ts';
import { caa } from './caa.ts';
import { cert, dhcid, openpgpkey } from './cert.ts';
import { cname } from './cname.ts';
import { csync } from './csync.ts';
import { dname } from './dname.ts';
import { cdnskey, dnskey, key, rkey } from './dnskey.ts';
import { cds, dlv, ds, ta } from './ds.ts';
import { eui48, eui64 } from './eui.ts';
import { hip } from './hip.ts';
import { l32, l64, nid } from './ilnp.ts';
import { amtrelay, ipseckey } from './ipseckey.ts';
import { loc } from './loc.ts';
import { mx } from './mx.ts';
import { afsdb, kx, lp, minfo, px, rp, rt, talink } from './names-and-numbers.ts';
import { naptr } from './naptr.ts';
import { ns } from './ns.ts';
import { nsap } from './nsap.ts';
import { nsec } from './nsec.ts';
import { nsec3, nsec3param } from './nsec3.ts';
import { ptr } from './ptr.ts';
import type { RdataFormat } from './rdata-format.ts';
import { rrsig } from './rrsig.ts';
import { singleName } from './single-name.ts';
import { soa } from './soa.ts';
import { srv } from './srv.ts';
import { sshfp } from './sshfp.ts';
import { gpos, hinfo, isdn, x25 } from './strings.ts';
import { https, svcb } from './svcb.ts';
import { smimea, tlsa } from './tlsa.ts';
import { txt } from './txt.ts';
import { uri } from './uri.ts';
import { zonemd } from './zonemd.ts';

export const RDATA_FORMATS: ReadonlyMap<number, RdataFormat> = new Map<number, RdataFormat>([
  [RRType.A, a],
  [RRType.AAAA, aaaa],
  [RRType.AFSDB, afsdb],
  [RRType.AMTRELAY, amtrelay],
  [RRType.APL, apl],
  [RRType.AVC, txt],
  [RRType.CAA, caa],
  [RRType.CDNSKEY, cdnskey],
  [RRType.CDS, cds],
  [RRType.CERT, cert],
  [RRType.CNAME, cname],
  [RRType.CSYNC, csync],
  [RRType.DHCID, dhcid],
  [RRType.DLV, dlv],
  [RRType.DNAME, dname],
  [RRType.DNSKEY, dnskey],
  [RRType.DS, ds],
  [RRType.EUI48, eui48],
  [RRType.EUI64, eui64],
  [RRType.GPOS, gpos],
  [RRType.HINFO, hinfo],
  [RRType.HIP, hip],
  [RRType.HTTPS, https],
  [RRType.IPSECKEY, ipseckey],
  [RRType.ISDN, isdn],
  [RRType.KEY, key],
  [RRType.KX, kx],
  [RRType.L32, l32],
  [RRType.L64, l64],
  [RRType.LOC, loc],
  [RRType.LP, lp],
  [RRType.MB, singleName('MB')],
  [RRType.MG, singleName('MG')],
  [RRType.MINFO, minfo],
  [RRType.MR, singleName('MR')],
  [RRType.MX, mx],
  [RRType.NAPTR, naptr],
  [RRType.NID, nid],
  [RRType.NINFO, txt],
  [RRType.NS, ns],
  [RRType.NSAP, nsap],
  [RRType['NSAP-PTR'], singleName('NSAP-PTR')],
  [RRType.NSEC, nsec],
  [RRType.NSEC3, nsec3],
  [RRType.NSEC3PARAM, nsec3param],
  [RRType.OPENPGPKEY, openpgpkey],
  [RRType.PTR, ptr],
  [RRType.PX, px],
  [RRType.RESINFO, txt],
  [RRType.RKEY, rkey],
  [RRType.RP, rp],
  [RRType.RRSIG, rrsig],
  [RRType.RT, rt],
  [RRType.SMIMEA, smimea],
  [RRType.SOA, soa],
  [RRType.SPF, txt],
  [RRType.SRV, srv],
  [RRType.SSHFP, sshfp],
  [RRType.SVCB, svcb],
  [RRType.TA, ta],
  [RRType.TALINK, talink],
  [RRType.TLSA, tlsa],
  [RRType.TXT, txt],
  [RRType.URI, uri],
  [RRType.X25, x25],
  [RRType.ZONEMD, zonemd],
]);
