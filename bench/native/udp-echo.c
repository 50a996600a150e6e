/*
 * Sends every datagram back to where it came from, in batches of 64: the floor of what UDP sockets cost, under any
 * DNS server. Ends by a signal. Takes an address of 127.0.0.0/8 alone.
 *
 *   udp-echo ADDRESS PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, SIZE = 1500, BUFFER = 1048576 };

static char octets[BATCH][SIZE];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static int open_socket(const char *address, int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || ntohl(at.sin_addr.s_addr) >> 24 != 127) {
    fprintf(stderr, "udp-echo: %s is no address of 127.0.0.0/8\n", address);
    exit(2);
  }
  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
    perror("udp-echo: bind");
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: udp-echo ADDRESS PORT\n");
    return 2;
  }
  int fd = open_socket(argv[1], atoi(argv[2]));
  for (int i = 0; i < BATCH; i++) {
    parts[i].iov_base = octets[i];
    messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i].iov_len = SIZE;
      messages[i].msg_hdr.msg_namelen = sizeof peers[i];
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++) parts[i].iov_len = messages[i].msg_len;
    for (int sent = 0; sent < count;) {
      int done = sendmmsg(fd, messages + sent, count - sent, 0);
      sent += done > 0 ? done : 1; /* what the kernel refuses is dropped */
    }
  }
}
