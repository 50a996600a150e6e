/** How much of an answer a sample tells. Apart from its schema, since those who answer queries take samples and check none. */

/** Of one answer; it may have had more. */
export const MAX_SAMPLED_TARGETS = 8;
/** No more of an address leaves the authority, whatever the resolver sent. */
export const SAMPLED_BITS = { 4: 24, 6: 56 } as const;
