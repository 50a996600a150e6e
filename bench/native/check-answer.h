/*
 * Whether a response answers its query: the question repeated, the response code, addresses of those allowed alone,
 * Client Subnet repeated with a scope (RFC 7871 7.2.1), and no octet left over. Knows nothing of sockets.
 */
#ifndef CHECK_ANSWER_H
#define CHECK_ANSWER_H
#include "query-file.h"

enum verdict { RIGHT, MALFORMED, OTHER_QUESTION, OTHER_RCODE, OTHER_ADDRESS, NO_SUBNET, VERDICTS };
static const char *const verdict_names[VERDICTS] = {
    "right", "malformed", "other_question", "other_rcode", "other_address", "no_subnet"};

enum { TYPE_A = 1, TYPE_OPT = 41, OPTION_SUBNET = 8, NO_SCOPE = -1 };

static uint16_t u16(const uint8_t *at) { return at[0] << 8 | at[1]; }

/* Behind the name at `at`, 0 if it does not end in time. */
static uint32_t skip_name(const uint8_t *octets, uint32_t at, uint32_t length) {
  while (at < length) {
    if (octets[at] == 0) return at + 1;
    if (octets[at] >= 0xc0) return at + 2;
    at += octets[at] + 1;
  }
  return 0;
}

static int is_allowed(const struct query *query, const uint8_t *address) {
  for (int i = 0; i < query->allowed_count; i++)
    if (memcmp(query->allowed + 4 * i, address, 4) == 0) return 1;
  return 0;
}

/* The scope that repeats the query's option, NO_SCOPE if there is none that does. */
static int scope_of(const struct query *query, const uint8_t *data, uint32_t length) {
  const uint8_t *asked = query->octets + query->ecs_at;
  uint32_t asked_length = u16(asked - 2);
  for (uint32_t at = 0; at + 4 <= length; at += 4 + u16(data + at + 2)) {
    if (u16(data + at) != OPTION_SUBNET) continue;
    const uint8_t *told = data + at + 4;
    if (u16(told - 2) != asked_length || at + 4 + asked_length > length) return NO_SCOPE;
    if (memcmp(told, asked, 3) != 0 || memcmp(told + 4, asked + 4, asked_length - 4) != 0) return NO_SCOPE;
    return told[3] <= (asked[1] == 1 ? 32 : 128) ? told[3] : NO_SCOPE;
  }
  return NO_SCOPE;
}

/* `scope` is set where the query has a Client Subnet option. */
static enum verdict check_answer(const struct query *query, const uint8_t *octets, uint32_t length, int *scope) {
  *scope = NO_SCOPE;
  if (length < query->question_end || (octets[2] & 0xfa) != 0x80 || u16(octets + 4) != 1) return MALFORMED;
  if (memcmp(octets + 12, query->octets + 12, query->question_end - 12) != 0) return OTHER_QUESTION;
  if ((octets[3] & 0xf) != query->rcode) return OTHER_RCODE;
  uint32_t answers = u16(octets + 6), records = answers + u16(octets + 8) + u16(octets + 10);
  uint32_t at = query->question_end, addresses = 0;
  for (uint32_t i = 0; i < records; i++) {
    at = skip_name(octets, at, length);
    if (at == 0 || at + 10 > length) return MALFORMED;
    uint32_t type = u16(octets + at), data = at + 10, size = u16(octets + at + 8);
    at = data + size;
    if (at > length) return MALFORMED;
    if (i < answers && type == TYPE_A) {
      if (size != 4 || !is_allowed(query, octets + data)) return OTHER_ADDRESS;
      addresses++;
    }
    if (type == TYPE_OPT && query->ecs_at != 0) *scope = scope_of(query, octets + data, size);
  }
  if (at != length) return MALFORMED;
  if (query->allowed_count > 0 && addresses == 0) return OTHER_ADDRESS;
  return RIGHT;
}
#endif
