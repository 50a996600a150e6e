/** The table of contents of all spans: the way of a health event, in order. No span is ever made per DNS query. */
export const SPANS = {
  /** Prober: one probe whose result changed a state. */
  probe: 'signpost.probe',
  /** Prober: a report on its way into NATS. */
  report: 'signpost.report',
  /** Controller: one reconcile that had work; linked to the reports that caused it. */
  reconcile: 'signpost.reconcile',
  /** Controller: one publication on its way into Redis. */
  publish: 'signpost.publish',
  /** Authority: one publication from the change feed to the workers. */
  follow: 'signpost.follow',
} as const;
