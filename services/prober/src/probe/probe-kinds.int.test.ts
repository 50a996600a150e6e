/** Every kind of probe that speaks to a port passes one suite; icmp, which has none, has its own tests. */
import { dnsKinds } from '../testing/dns-kinds.ts';
import { grpcKinds } from '../testing/grpc-kinds.ts';
import { httpKinds } from '../testing/http-kinds.ts';
import { testProbeKind } from '../testing/probe-conformance.ts';
import { talkKinds } from '../testing/talk-kinds.ts';

for (const kind of [...httpKinds, ...talkKinds, ...grpcKinds, ...dnsKinds]) testProbeKind(kind);
