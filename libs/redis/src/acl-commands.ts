/**
 * What the users of Redis must be allowed, exactly, as ACL rules: tests run with these and nothing else.
 * Someone who uses another database than 0 also needs `+select`. AUTH needs no rule.
 */

/** Keys of all rules below. */
export const ACL_KEYS = '~{signpost}:*';

/** The reader, an authority: it cannot write. */
export const READER_ACL = [
  '+client|setname',
  '+get',
  '+getrange',
  '+hgetall',
  '+xread',
  '+xrevrange',
] as const;

/** The writer, the controller: `eval`, and what the scripts call. */
export const WRITER_ACL = [
  '+client|setname',
  '+get',
  '+hgetall',
  '+xrange',
  '+eval',
  '+set',
  '+hset',
  '+hsetnx',
  '+hdel',
  '+del',
  '+xadd',
] as const;
