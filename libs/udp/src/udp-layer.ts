/** Which of the two adapters a process uses. */
import type { UdpLayer, UdpLayerName } from '@signpost/contracts/udp-layer';

import { loadAddon } from './addon.ts';
import { batchedLayer } from './batched-layer.ts';
import { dgramLayer } from './dgram-layer.ts';

export type UdpSetting = 'auto' | UdpLayerName;

/** The addon where it is here, unless the setting says otherwise. */
export function chooseUdpLayer(setting: UdpSetting): UdpLayerName {
  if (setting !== 'auto') return setting;
  return batchedIsMissing() === undefined ? 'batched' : 'dgram';
}

/** Why there is no addon; undefined: it is here, in every thread. */
export function batchedIsMissing(): string | undefined {
  const loaded = loadAddon();
  return loaded.kind === 'missing' ? loaded.reason : undefined;
}

/** In the present thread. Throws where the addon is asked for and missing. */
export function udpLayer(name: UdpLayerName): UdpLayer {
  if (name === 'dgram') return dgramLayer;
  const layer = batchedLayer();
  if (layer === undefined) throw new Error(`UDP in batches: ${batchedIsMissing()}`);
  return layer;
}
