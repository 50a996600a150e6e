/*
 * The file of prepared queries, read whole. Numbers are little-endian, addresses in network order:
 *
 *   "SPQ1" | u32 count | count x ( u16 length | u16 ecs_at | u8 rcode | u8 allowed | query | allowed x 4 octets )
 *
 * ecs_at is where the data of the query's Client Subnet option begins, 0 if it has none. `allowed` are the IPv4
 * addresses of which an answer may hold any, and must hold one.
 */
#ifndef QUERY_FILE_H
#define QUERY_FILE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct query {
  uint8_t *octets;
  const uint8_t *allowed;
  uint16_t length;
  uint16_t ecs_at;
  uint16_t question_end;
  uint8_t rcode;
  uint8_t allowed_count;
};

struct queries {
  struct query *all;
  uint32_t count;
};

static void bad_file(const char *path, const char *why) {
  fprintf(stderr, "dns-load: %s: %s\n", path, why);
  exit(2);
}

static uint8_t *read_whole(const char *path, long *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) bad_file(path, "cannot be opened");
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  uint8_t *octets = malloc(*size + 1);
  if (octets == NULL || fread(octets, 1, *size, file) != (size_t)*size) bad_file(path, "cannot be read");
  fclose(file);
  return octets;
}

/* Where the one question ends. */
static uint16_t question_end(const uint8_t *octets, uint16_t length) {
  uint32_t at = 12;
  while (at < length && octets[at] != 0) at += octets[at] + 1;
  return at + 5 <= length ? at + 5 : 0;
}

static struct queries read_queries(const char *path) {
  long size;
  uint8_t *at = read_whole(path, &size), *end = at + size;
  struct queries queries;
  if (size < 8 || memcmp(at, "SPQ1", 4) != 0) bad_file(path, "does not begin with SPQ1");
  memcpy(&queries.count, at + 4, 4);
  if (queries.count == 0 || queries.count > size / 18) bad_file(path, "tells an impossible count");
  queries.all = calloc(queries.count, sizeof *queries.all);
  at += 8;
  for (uint32_t i = 0; i < queries.count; i++) {
    struct query *query = &queries.all[i];
    if (end - at < 6) bad_file(path, "ends early");
    memcpy(&query->length, at, 2);
    memcpy(&query->ecs_at, at + 2, 2);
    query->rcode = at[4];
    query->allowed_count = at[5];
    query->octets = at + 6;
    query->allowed = query->octets + query->length;
    at += 6 + query->length + 4 * query->allowed_count;
    query->question_end = question_end(query->octets, query->length);
    if (at > end || query->question_end == 0) bad_file(path, "holds a query that is not whole");
    if (query->ecs_at != 0 && (query->ecs_at < 16 || query->octets[query->ecs_at - 3] != 8)) {
      bad_file(path, "names a Client Subnet option where there is none");
    }
  }
  return queries;
}
#endif
