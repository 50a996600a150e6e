/*
 * Loads one DNS server over UDP with prepared queries, checks every answer, and prints what came of it as JSON.
 * One thread that never sleeps, so that it costs the server no wake-ups and is on time; give it a core of its own.
 *
 *   dns-load --server ADDRESS:PORT --queries FILE --seconds N [--window N | --rate N] [--flows N] [--echo] [--no-ecs]
 *
 * --window N  saturation: so many queries are under way at any time (default 96, which fits every buffer)
 * --rate N    open loop: N queries a second at random moments, whatever comes back; latencies are worth reading
 * --flows N   source addresses 127.64.0.0 and up, of which each query takes the next (default 4096), so that sockets
 *             that share a port share the work
 * --echo      the server is udp-echo: the query itself must come back
 * --no-ecs    the server is one that does not repeat Client Subnet
 *
 * Addresses are of 127.0.0.0/8 alone. It ends after --seconds and the time that last answers may take.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "check-answer.h"
#include "latency.h"
#include "query-file.h"

enum { BATCH = 64, SIZE = 4096, IDS = 65536, MOST_UNDER_WAY = 32768, BUFFER = 8388608 };
static const uint64_t SECOND = 1000000000, LOST_AFTER = 1000000000, LOOK_EVERY = 100000000, LATE = 1000000;

static struct {
  struct sockaddr_in server;
  const char *queries;
  double seconds, rate;
  uint32_t window, flows;
  int echo, no_ecs;
} options = {.window = 96, .flows = 4096};

/* By id: when it was sent, 0 if nothing is under way with it, and which query. */
static uint64_t sent_at[IDS];
static uint32_t query_of[IDS];

static struct {
  uint64_t sent, received, lost, stray, late, scopes, scope_sum, verdicts[VERDICTS];
} count;
static uint32_t under_way;

static struct queries queries;
static int fd;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

static void usage(const char *why) {
  fprintf(stderr, "dns-load: %s\n", why);
  exit(2);
}

static void read_options(int argc, char **argv) {
  static const struct option names[] = {
      {"server", 1, 0, 's'}, {"queries", 1, 0, 'q'}, {"seconds", 1, 0, 't'}, {"window", 1, 0, 'w'}, {"rate", 1, 0, 'r'},
      {"flows", 1, 0, 'f'},  {"echo", 0, 0, 'e'},    {"no-ecs", 0, 0, 'n'},  {0}};
  for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
    if (option == 's') {
      char *colon = strrchr(optarg, ':');
      if (colon == NULL) usage("--server takes ADDRESS:PORT");
      *colon = 0;
      options.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
      inet_pton(AF_INET, optarg, &options.server.sin_addr);
    } else if (option == 'q') options.queries = optarg;
    else if (option == 't') options.seconds = atof(optarg);
    else if (option == 'w') options.window = atoi(optarg);
    else if (option == 'r') options.rate = atof(optarg);
    else if (option == 'f') options.flows = atoi(optarg);
    else if (option == 'e') options.echo = 1;
    else if (option == 'n') options.no_ecs = 1;
    else exit(2);
  }
  if (ntohl(options.server.sin_addr.s_addr) >> 24 != 127) usage("--server must be an address of 127.0.0.0/8");
  if (options.queries == NULL || options.seconds <= 0) usage("--queries and --seconds are needed");
  if (options.window < 1 || options.window > MOST_UNDER_WAY) usage("--window takes 1 to 32768");
  if (options.flows < 1 || options.flows > 65536) usage("--flows takes 1 to 65536");
}

static void open_socket(void) {
  int size = BUFFER;
  struct sockaddr_in any = {.sin_family = AF_INET};
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2); /* for root alone; others rely on the check of senders */
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0) usage(strerror(errno));
}

static struct sending {
  char control[CMSG_SPACE(sizeof(struct in_pktinfo))] __attribute__((aligned(8)));
  struct iovec part;
} sendings[BATCH];
static struct mmsghdr outgoing[BATCH];

static void prepare_sending(void) {
  for (int i = 0; i < BATCH; i++) {
    outgoing[i].msg_hdr = (struct msghdr){
        .msg_name = &options.server, .msg_namelen = sizeof options.server, .msg_iov = &sendings[i].part,
        .msg_iovlen = 1, .msg_control = sendings[i].control, .msg_controllen = sizeof sendings[i].control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&outgoing[i].msg_hdr);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
  }
}

/* Sends up to `wanted`; what the kernel does not take is sent later. The same query never stands twice in a batch. */
static void send_some(uint32_t wanted) {
  static uint32_t next_query, next_flow;
  static uint16_t next_id;
  uint16_t ids[BATCH];
  if (wanted > BATCH) wanted = BATCH;
  if (wanted > queries.count) wanted = queries.count;
  uint16_t id = next_id;
  for (uint32_t i = 0; i < wanted; i++) {
    while (sent_at[id] != 0) id++;
    uint32_t number = (next_query + i) % queries.count;
    struct query *query = &queries.all[number];
    query->octets[0] = id >> 8;
    query->octets[1] = id;
    query_of[id] = number;
    sendings[i].part = (struct iovec){query->octets, query->length};
    struct in_pktinfo *from = (struct in_pktinfo *)CMSG_DATA(CMSG_FIRSTHDR(&outgoing[i].msg_hdr));
    from->ipi_spec_dst.s_addr = htonl(0x7f400000 + (next_flow + i) % options.flows);
    ids[i] = id++;
  }
  uint64_t now = now_ns();
  int done = sendmmsg(fd, outgoing, wanted, 0);
  if (done <= 0) return;
  for (int i = 0; i < done; i++) sent_at[ids[i]] = now;
  next_id = ids[done - 1] + 1;
  next_query = (next_query + done) % queries.count;
  next_flow = (next_flow + done) % options.flows;
  count.sent += done;
  under_way += done;
}

static void show_wrong(enum verdict verdict, const struct query *query, const uint8_t *octets, uint32_t length) {
  if (verdict == RIGHT || count.verdicts[verdict] > 1) return;
  fprintf(stderr, "dns-load: %s\n  query    ", verdict_names[verdict]);
  for (uint32_t i = 0; i < query->length; i++) fprintf(stderr, "%02x", query->octets[i]);
  fprintf(stderr, "\n  response ");
  for (uint32_t i = 0; i < length && i < 512; i++) fprintf(stderr, "%02x", octets[i]);
  fprintf(stderr, "\n");
}

static enum verdict judge(const struct query *query, const uint8_t *octets, uint32_t length) {
  if (options.echo) {
    return length == query->length && memcmp(octets + 2, query->octets + 2, length - 2) == 0 ? RIGHT : MALFORMED;
  }
  int scope;
  enum verdict verdict = check_answer(query, octets, length, &scope);
  if (verdict != RIGHT || query->ecs_at == 0 || options.no_ecs) return verdict;
  if (scope == NO_SCOPE) return NO_SUBNET;
  if (query->octets[query->ecs_at + 1] == 1) {
    count.scopes++;
    count.scope_sum += scope;
  }
  return RIGHT;
}

static uint8_t incoming_octets[BATCH][SIZE];
static struct sockaddr_in incoming_from[BATCH];
static struct iovec incoming_parts[BATCH];
static struct mmsghdr incoming[BATCH];

static void receive_some(void) {
  for (int i = 0; i < BATCH; i++) {
    incoming_parts[i] = (struct iovec){incoming_octets[i], SIZE};
    incoming[i].msg_hdr = (struct msghdr){.msg_name = &incoming_from[i], .msg_namelen = sizeof incoming_from[i],
                                          .msg_iov = &incoming_parts[i], .msg_iovlen = 1};
  }
  int got = recvmmsg(fd, incoming, BATCH, MSG_DONTWAIT, NULL);
  if (got <= 0) return;
  uint64_t now = now_ns();
  for (int i = 0; i < got; i++) {
    uint8_t *octets = incoming_octets[i];
    uint16_t id = u16(octets);
    if (incoming_from[i].sin_addr.s_addr != options.server.sin_addr.s_addr ||
        incoming_from[i].sin_port != options.server.sin_port || incoming[i].msg_len < 12 || sent_at[id] == 0) {
      count.stray++;
      continue;
    }
    struct query *query = &queries.all[query_of[id]];
    enum verdict verdict = judge(query, octets, incoming[i].msg_len);
    count.verdicts[verdict]++;
    show_wrong(verdict, query, octets, incoming[i].msg_len);
    count_latency(now - sent_at[id]);
    sent_at[id] = 0;
    under_way--;
    count.received++;
  }
}

static void give_up_old(uint64_t now) {
  for (int id = 0; id < IDS; id++) {
    if (sent_at[id] == 0 || now < sent_at[id] + LOST_AFTER) continue;
    sent_at[id] = 0;
    under_way--;
    count.lost++;
  }
}

/* Random moments, on average `rate` a second (a Poisson process); a number above 0 and below 1 by xorshift. */
static uint64_t next_pause(void) {
  static uint64_t state = 0x9e3779b97f4a7c15;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint64_t)(-log(((state >> 11) + 0.5) / 9007199254740992.0) / options.rate * SECOND);
}

static void run(uint64_t start) {
  uint64_t end = start + (uint64_t)(options.seconds * SECOND), due = start, look = start + LOOK_EVERY;
  for (uint64_t now = start; now < end; now = now_ns()) {
    uint32_t wanted = 0;
    if (options.rate == 0) {
      if (under_way < options.window) wanted = options.window - under_way;
    } else {
      for (; due <= now && wanted < BATCH && under_way + wanted < MOST_UNDER_WAY; due += next_pause(), wanted++)
        if (now > due + LATE) count.late++;
    }
    if (wanted > 0) send_some(wanted);
    receive_some();
    if (now < look) continue;
    give_up_old(now);
    look = now + LOOK_EVERY;
  }
}

static void print_result(double seconds) {
  printf("{\"seconds\":%.6f,\"sent\":%lu,\"received\":%lu,\"right\":%lu,\"lost\":%lu,\"stray\":%lu,\"late\":%lu", seconds,
         count.sent, count.received, count.verdicts[RIGHT], count.lost, count.stray, count.late);
  printf(",\"wrong\":{");
  for (int i = RIGHT + 1; i < VERDICTS; i++)
    printf("%s\"%s\":%lu", i > RIGHT + 1 ? "," : "", verdict_names[i], count.verdicts[i]);
  printf("},\"meanScope\":%.2f", count.scopes > 0 ? (double)count.scope_sum / count.scopes : 0);
  printf(",\"latencyUs\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f}}\n", latency_quantile(0.5), latency_quantile(0.9),
         latency_quantile(0.99));
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  queries = read_queries(options.queries);
  open_socket();
  prepare_sending();
  uint64_t start = now_ns();
  run(start);
  double seconds = (now_ns() - start) / (double)SECOND;
  uint64_t end = now_ns() + LOST_AFTER;
  while (under_way > 0 && now_ns() < end) receive_some();
  count.lost += under_way;
  print_result(seconds);
  return 0;
}
