/* A histogram of latencies in tenths of a microsecond, up to 100 ms; what takes longer counts as that. */
#ifndef LATENCY_H
#define LATENCY_H
#include <stdint.h>

enum { LATENCY_BUCKETS = 1000000, NS_PER_BUCKET = 100 };

static uint32_t latencies[LATENCY_BUCKETS];
static uint64_t latency_count;

static void count_latency(uint64_t ns) {
  uint64_t bucket = ns / NS_PER_BUCKET;
  latencies[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1]++;
  latency_count++;
}

/* Microseconds that `part` of all took at most. */
static double latency_quantile(double part) {
  uint64_t wanted = (uint64_t)(part * latency_count), seen = 0;
  for (int i = 0; i < LATENCY_BUCKETS; i++) {
    seen += latencies[i];
    if (seen > wanted) return (i + 1) * (NS_PER_BUCKET / 1000.0);
  }
  return 0;
}
#endif
