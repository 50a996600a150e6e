/** Node's own sockets against the suite of the port. */
import { udpConformance } from '@signpost/testkit/udp-conformance';

import { dgramLayer } from './dgram-layer.ts';

udpConformance(dgramLayer);
