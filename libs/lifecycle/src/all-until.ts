/** Runs several parts until the signal fires; if one of them fails, ends the others and rejects with its error. */

export async function allUntil(
  outer: AbortSignal,
  parts: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([outer, failed.signal]);
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    parts.map(async (part) => {
      try {
        await part(stop);
      } catch (error) {
        // Waiting for what never came ends with the signal's reason: that is a clean stop.
        if (stop.aborted) return;
        failure = { error };
        failed.abort(error);
      }
    }),
  );
  if (failure !== undefined) throw failure.error;
}
