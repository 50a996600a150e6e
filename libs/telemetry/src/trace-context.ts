/** W3C trace context in the plain headers of a NATS message. */
import { context, propagation, trace, type Context } from '@opentelemetry/api';

/** The headers with `traceparent` of the active span; unchanged when nothing is traced. */
export function withTraceContext(headers: Readonly<Record<string, string>>): Record<string, string> {
  const carrier = { ...headers };
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The context that a message's headers carry, to run in or to link to. */
export function traceContextOf(headers: Readonly<Record<string, string>>): Context {
  return propagation.extract(context.active(), headers);
}

/** For a span with many causes: links to each of them. */
export function linksTo(
  causes: readonly Readonly<Record<string, string>>[],
): { context: NonNullable<ReturnType<typeof trace.getSpanContext>> }[] {
  return causes.flatMap((headers) => {
    const spanContext = trace.getSpanContext(traceContextOf(headers));
    return spanContext === undefined ? [] : [{ context: spanContext }];
  });
}
