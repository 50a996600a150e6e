/**
 * The UDP layers that tests run over. `SIGNPOST_UDP=dgram npm test` runs all of them over Node's own sockets: tests in
 * this process by `TEST_UDP`, and processes that tests start get the variable (guarded-process.ts).
 */
import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import { batchedIsMissing, type UdpSetting } from '@signpost/udp/udp-layer';

/** Those that are here, for tests that run over each. */
export const UDP_LAYERS: readonly UdpLayerName[] =
  batchedIsMissing() === undefined ? ['batched', 'dgram'] : ['dgram'];

/** For tests that do not care. */
export const TEST_UDP: UdpSetting = settingOf(process.env['SIGNPOST_UDP']);

function settingOf(text = 'auto'): UdpSetting {
  if (text === 'auto' || text === 'batched' || text === 'dgram') return text;
  throw new TypeError(`SIGNPOST_UDP="${text}": use auto, batched or dgram`);
}
