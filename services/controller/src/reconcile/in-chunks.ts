/** Runs an action over many items, a bounded number at a time. Must not swallow a failure: the first one rejects. */

const AT_ONCE = 64;

export async function inChunks<Item>(
  items: readonly Item[],
  action: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(action));
  }
}
