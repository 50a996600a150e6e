/*
 * DNS queries over UDP in batches, each answer checked. `udp-load PORT MILLISECONDS WINDOW RATE NAMES ECHO`
 *
 * With RATE 0 it keeps WINDOW queries under way (saturation); else it sends RATE a second, whatever comes back, and
 * tells how long answers took. Names are `n0.bench.test` and so on; each query has EDNS and a client subnet. With ECHO 1
 * the answer is the query with the response bit. Prints one line of JSON. It connects to 127.0.0.1 alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS 16
#define SLOTS 64
#define OCTETS 1408
#define STALL_NS 100000000ull
#define MOST_TIMES (1u << 22)

struct lane {
    int fd;
    int under_way;
    uint16_t next_id;
    uint64_t heard_ns;
    uint64_t sent_ns[65536];
};

static struct lane lanes[SOCKETS];
static uint8_t octets[SLOTS][OCTETS];
static struct iovec vectors[SLOTS];
static struct mmsghdr messages[SLOTS];
static uint32_t times[MOST_TIMES];
static uint64_t sent, received, wrong, lost, timed;
static uint32_t seed = 12345;
static int names, is_echo;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static uint32_t chance(void) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static size_t write_query(uint8_t *at, uint16_t id) {
    static const uint8_t tail[] = {5, 'b', 'e', 'n', 'c', 'h', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1,
                                   0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0};
    uint8_t header[12] = {(uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    char label[16];
    int length = snprintf(label, sizeof label, "n%u", chance() % (uint32_t)names);
    memcpy(at, header, sizeof header);
    at[12] = (uint8_t)length;
    memcpy(at + 13, label, (size_t)length);
    memcpy(at + 13 + length, tail, sizeof tail);
    uint8_t *subnet = at + 13 + length + sizeof tail;
    uint32_t network = chance();
    subnet[0] = (uint8_t)(1 + network % 222);
    subnet[1] = (uint8_t)(network >> 8);
    subnet[2] = (uint8_t)(network >> 16);
    return 13 + (size_t)length + sizeof tail + 3;
}

static void send_some(struct lane *lane, int wanted) {
    uint64_t now = now_ns();
    for (int left = wanted; left > 0;) {
        int count = left < SLOTS ? left : SLOTS;
        for (int i = 0; i < count; i++) {
            vectors[i].iov_len = write_query(octets[i], lane->next_id);
            lane->sent_ns[lane->next_id++] = now;
        }
        int done = sendmmsg(lane->fd, messages, (unsigned)count, 0);
        if (done < 0) done = 0;
        lane->next_id -= (uint16_t)(count - done);
        lane->under_way += done;
        sent += (uint64_t)done;
        if (done < count) return;
        left -= count;
    }
}

static int is_right(const uint8_t *answer, unsigned length) {
    if (length < 12 || (answer[2] & 0x80) == 0) return 0;
    return is_echo || ((answer[3] & 0x0f) == 0 && answer[7] == 1);
}

static int take_answers(struct lane *lane) {
    for (int i = 0; i < SLOTS; i++) vectors[i].iov_len = OCTETS;
    int count = recvmmsg(lane->fd, messages, SLOTS, MSG_DONTWAIT, NULL);
    if (count <= 0) return 0;
    uint64_t now = now_ns();
    lane->heard_ns = now;
    for (int i = 0; i < count; i++) {
        unsigned id = ((unsigned)octets[i][0] << 8) | octets[i][1];
        if (lane->sent_ns[id] == 0 || !is_right(octets[i], messages[i].msg_len)) {
            wrong++;
            continue;
        }
        if (timed < MOST_TIMES) times[timed++] = (uint32_t)((now - lane->sent_ns[id]) / 1000);
        lane->sent_ns[id] = 0;
        received++;
    }
    lane->under_way = lane->under_way > count ? lane->under_way - count : 0;
    return count;
}

static void open_lanes(int port) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = 4 * 1024 * 1024;
    for (int i = 0; i < SOCKETS; i++) {
        lanes[i].fd = socket(AF_INET, SOCK_DGRAM, 0);
        setsockopt(lanes[i].fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        if (connect(lanes[i].fd, (struct sockaddr *)&server, sizeof server) != 0) exit(1);
        lanes[i].heard_ns = now_ns();
    }
    for (int i = 0; i < SLOTS; i++) {
        vectors[i].iov_base = octets[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

/* As many under way as before; those of a lane that hears nothing are taken for lost. */
static void saturate(uint64_t end_ns, int window) {
    int each = window / SOCKETS > 0 ? window / SOCKETS : 1;
    struct pollfd wanted[SOCKETS];
    for (int i = 0; i < SOCKETS; i++) wanted[i] = (struct pollfd){.fd = lanes[i].fd, .events = POLLIN};
    while (now_ns() < end_ns) {
        int heard = 0;
        for (int i = 0; i < SOCKETS; i++) {
            struct lane *lane = &lanes[i];
            heard += take_answers(lane);
            if (lane->under_way > 0 && now_ns() - lane->heard_ns > STALL_NS) {
                lost += (uint64_t)lane->under_way;
                lane->under_way = 0;
                lane->heard_ns = now_ns();
            }
            if (lane->under_way <= each / 2) send_some(lane, each - lane->under_way);
        }
        if (heard == 0) poll(wanted, SOCKETS, 1);
    }
}

static void send_at_rate(uint64_t begin_ns, uint64_t end_ns, int rate) {
    uint64_t due = 0;
    for (uint64_t now = begin_ns; now < end_ns; now = now_ns()) {
        uint64_t wanted = (now - begin_ns) * (uint64_t)rate / 1000000000ull;
        for (; due < wanted; due++) send_some(&lanes[due % SOCKETS], 1);
        for (int i = 0; i < SOCKETS; i++) take_answers(&lanes[i]);
    }
}

/* Whoever asks next from one of our ports shall not hear what was meant for us. */
static void take_the_rest(void) {
    uint64_t silent_ns = now_ns() + 1000000000ull;
    while (now_ns() < silent_ns && received + wrong + lost < sent) {
        for (int i = 0; i < SOCKETS; i++) {
            if (take_answers(&lanes[i]) > 0) silent_ns = now_ns() + 1000000000ull;
        }
        usleep(1000);
    }
}

static int by_size(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static uint32_t quantile(double share) {
    return timed == 0 ? 0 : times[(uint64_t)((double)(timed - 1) * share)];
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    uint64_t milliseconds = strtoull(argv[2], NULL, 10);
    int window = atoi(argv[3]), rate = atoi(argv[4]);
    names = atoi(argv[5]);
    is_echo = atoi(argv[6]);
    open_lanes(atoi(argv[1]));
    uint64_t begin = now_ns();
    uint64_t end = begin + milliseconds * 1000000ull;
    if (rate == 0) saturate(end, window);
    else send_at_rate(begin, end, rate);
    uint64_t took = now_ns() - begin;
    take_the_rest();
    qsort(times, timed, sizeof times[0], by_size);
    printf("{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"lost\":%" PRIu64
           ",\"seconds\":%.4f,\"p50\":%u,\"p90\":%u,\"p99\":%u}\n",
           sent, received, wrong, lost, (double)took / 1e9, quantile(0.5), quantile(0.9), quantile(0.99));
    return 0;
}
