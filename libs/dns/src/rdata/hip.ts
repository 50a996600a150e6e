/**
 * HIP: a host identity, its tag and where to meet it (RFC 8005 5 and 6).
 *
 *   | TAG LENGTH | ALGORITHM | KEY LENGTH: 2 | TAG, in hexadecimal | KEY, in Base64 | NAMES of rendezvous servers |
 */
import { RdataError } from '../errors.ts';
import { readUint16 } from '../uint16.ts';
import { endOfName } from '../wire-name.ts';
import { bigEndian, fromBase64, hex } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName, readNumber, shown } from './read-field.ts';
import { nameField } from './write-field.ts';

export const hip: RdataFormat = {
  encode(fields, origin) {
    if (fields.length < 3) expectFields('HIP', fields, 'algorithm tag key');
    const algorithm = readNumber('HIP', 'algorithm', fields[0]!, 255);
    const [tagField, keyField] = [fields[1]!, fields[2]!];
    if (!/^([\da-f]{2}){1,255}$/i.test(tagField.text)) {
      throw new RdataError('HIP', `tag is ${shown(tagField)}; write 1 to 255 octets in hexadecimal`, {
        field: tagField,
      });
    }
    const key = fromBase64(keyField.text);
    if (key === undefined || key.length === 0 || key.length > 0xffff) {
      throw new RdataError('HIP', 'key is not Base64; write it as one word, padded with =', {
        field: keyField,
      });
    }
    const tag = Buffer.from(tagField.text, 'hex');
    const servers = fields.slice(3).flatMap((field) => [...readName('HIP', 'server', field, origin)]);
    return Uint8Array.from([tag.length, algorithm, ...bigEndian(key.length, 2), ...tag, ...key, ...servers]);
  },

  format(octets) {
    if (octets.length < 4) return undefined;
    const tagEnd = 4 + octets[0]!;
    const keyEnd = tagEnd + readUint16(octets, 2);
    if (tagEnd === 4 || keyEnd === tagEnd || keyEnd > octets.length) return undefined;
    const key = Buffer.from(octets.subarray(tagEnd, keyEnd)).toString('base64');
    const fields = [String(octets[1]), hex(octets.subarray(4, tagEnd)), key];
    for (let at = keyEnd; at < octets.length;) {
      const end = endOfName(octets, at, octets.length);
      if (end < 0) return undefined;
      fields.push(nameField(octets.subarray(at, end)));
      at = end;
    }
    return fields.join(' ');
  },
};
