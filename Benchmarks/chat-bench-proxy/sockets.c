#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "sockets.h"

int listen_locally(uint16_t *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
  *port = ntohs(address.sin_port);
  return listener;
}

void wait_for(int descriptor, short events) {
  struct pollfd wanted = {.fd = descriptor, .events = events};
  int result = poll(&wanted, 1, PATIENCE_MILLISECONDS);
  if (result == 0) errno = ETIMEDOUT;
  if (result <= 0) fail("chat-bench-proxy: waiting for the peer");
}

struct pair open_pair(const struct setting *setting) {
  int one = 1, error;
  socklen_t size = sizeof error;
  int client = bench_connect(INADDR_LOOPBACK, setting->port);
  if (client < 0) fail("connect");
  wait_for(client, POLLOUT);
  getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == ECONNREFUSED) {
    close(client);
    return (struct pair){-1, -1};
  }
  wait_for(setting->listener, POLLIN);
  int server = accept4(setting->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (server < 0) fail("accept");
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return (struct pair){client, server};
}

void close_pair(struct pair pair) {
  char byte;
  close(pair.client);
  wait_for(pair.server, POLLIN);
  if (recv(pair.server, &byte, 1, 0) != 0) fail("chat-bench-proxy: instead of the end of file");
  close(pair.server);
}

void send_all(int descriptor, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      wait_for(descriptor, POLLOUT);
      continue;
    }
    if (sent < 0) fail("send");
    bytes += sent;
    count -= (size_t)sent;
  }
}

void expect(int descriptor, const uint8_t *bytes, size_t count) {
  uint8_t buffer[4096];
  while (count > 0) {
    ssize_t result = recv(descriptor, buffer, count < sizeof buffer ? count : sizeof buffer, 0);
    if (result < 0 && errno == EAGAIN) {
      wait_for(descriptor, POLLIN);
      continue;
    }
    if (result == 0) errno = ECONNRESET;
    if (result <= 0) fail("recv");
    errno = EBADMSG;
    if (memcmp(buffer, bytes, (size_t)result) != 0)
      fail("chat-bench-proxy: other bytes than were sent");
    bytes += result;
    count -= (size_t)result;
  }
}

void handshake(struct pair pair) {
  uint8_t frame[EXCHANGE_SIZE];
  size_t count = write_syn(frame);
  send_all(pair.client, frame, count);
  expect(pair.server, frame, count);
  count = write_syn_ack(frame);
  send_all(pair.server, frame, count);
  expect(pair.client, frame, count);
  count = write_handshake_ack(frame);
  send_all(pair.client, frame, count);
  expect(pair.server, frame, count);
}
