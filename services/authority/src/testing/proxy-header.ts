/** Writes headers of the PROXY protocol, version 2, as a load balancer does. */

interface HeaderOptions {
  /** Default: datagram. */
  readonly isStream?: boolean;
  readonly tlvs?: Uint8Array;
}

/** `client`: 4 or 16 octets; undefined is LOCAL. Destination and ports are zero. */
export function proxyHeader(client: Uint8Array | undefined, options: HeaderOptions = {}): Buffer {
  const { isStream = false, tlvs = new Uint8Array(0) } = options;
  const addresses = client === undefined ? [] : [client, new Uint8Array(client.length + 4)];
  const block = Buffer.concat([...addresses, tlvs]);
  const family = client === undefined ? 0 : ((client.length === 4 ? 1 : 2) << 4) | (isStream ? 1 : 2);
  return Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.of(client === undefined ? 0x20 : 0x21, family, block.length >> 8, block.length & 0xff),
    block,
  ]);
}
