/** What monitors, targets, pools, policies, vantages, probers and authority nodes are called. */
export const NAME_PATTERN = /^[a-z0-9-]{1,63}$/;
