/**
 * Writes an address of 4 or 16 octets as text, for the maxmind reader, which takes nothing else.
 * IPv6 comes out in full, without `::`, which costs nobody anything to read back.
 */

export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((octets[i * 2]! << 8) | octets[i * 2 + 1]!).toString(16),
  );
  return groups.join(':');
}
