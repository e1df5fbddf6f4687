/* The limit of a TCP proxy: what forwarding costs when there is nothing to it but sockets.
 *
 *   chat-bench-forward LISTEN-PORT UPSTREAM-PORT
 *
 * Listens on 127.0.0.1 and connects each client that comes to the upstream port there. One thread,
 * one epoll, one buffer of 256 KiB: what is read from one side is written to the other at once.
 * What the kernel does not take is kept, and the side it came from is not read until it is gone. An
 * end of file is passed on; a connection is closed when both sides have ended, or one has failed.
 * It looks at no byte: a proxy cannot be cheaper than this, and how close it comes is the figure.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, BUFFER_SIZE = 256 * 1024 };

struct end {
  int descriptor;
  struct end *other;
  /* What was read from the other end and not taken here, from `written` on. */
  char *pending;
  size_t pending_count, written;
  uint32_t watched;
  /* Nothing more comes from here. */
  int has_ended;
  /* Closed. Freed behind the turn of the loop, whose events may still name it. */
  int is_closed;
  struct end *next_closed;
};

static struct end *closed;
static int epoll;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(size_t size) {
  void *result = calloc(1, size);
  if (!result) fail("chat-bench-forward: memory");
  return result;
}

static struct sockaddr_in local(const char *port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)atoi(port)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void close_both(struct end *end) {
  struct end *both[] = {end, end->other};
  for (int index = 0; index < 2; index++) {
    if (both[index]->is_closed) continue;
    both[index]->is_closed = 1;
    close(both[index]->descriptor);
    both[index]->next_closed = closed;
    closed = both[index];
  }
}

static void free_closed(void) {
  while (closed) {
    struct end *end = closed;
    closed = end->next_closed;
    free(end->pending);
    free(end);
  }
}

/* Watches for what can go on: input unless the other end is behind, room if this one is. */
static void watch(struct end *end) {
  uint32_t events = 0;
  if (!end->has_ended && end->other->pending_count == 0) events |= EPOLLIN;
  if (end->pending_count > 0) events |= EPOLLOUT;
  if (events == end->watched) return;
  struct epoll_event event = {.events = events, .data.ptr = end};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, end->descriptor, &event) != 0) fail("epoll_ctl");
  end->watched = events;
}

/* Writes what it can and returns how much that is; -1: the connection has failed. */
static ssize_t write_some(struct end *end, const char *bytes, size_t count) {
  ssize_t result = send(end->descriptor, bytes, count, MSG_NOSIGNAL);
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return result;
}

static void pass_end(struct end *end) {
  if (end->has_ended && end->other->has_ended)
    close_both(end);
  else
    shutdown(end->other->descriptor, SHUT_WR);
}

static void receive(struct end *end) {
  static char buffer[BUFFER_SIZE];
  struct end *other = end->other;
  ssize_t count = recv(end->descriptor, buffer, BUFFER_SIZE, 0);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) close_both(end);
    return;
  }
  if (count == 0) {
    end->has_ended = 1;
    watch(end);
    pass_end(end);
    return;
  }
  ssize_t written = write_some(other, buffer, (size_t)count);
  if (written < 0) {
    close_both(end);
  } else if (written < count) {
    if (!other->pending) other->pending = allocate(BUFFER_SIZE);
    other->pending_count = (size_t)(count - written);
    other->written = 0;
    memcpy(other->pending, buffer + written, other->pending_count);
    watch(other);
    watch(end);
  }
}

static void flush(struct end *end) {
  if (end->pending_count == 0) return;
  ssize_t written =
      write_some(end, end->pending + end->written, end->pending_count - end->written);
  if (written < 0) {
    close_both(end);
    return;
  }
  end->written += (size_t)written;
  if (end->written < end->pending_count) return;
  end->pending_count = 0;
  watch(end);
  watch(end->other);
}

static struct end *open_end(int descriptor) {
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct end *end = allocate(sizeof *end);
  end->descriptor = descriptor;
  end->watched = EPOLLIN;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  return end;
}

/* Bytes that come before the upstream connection is there wait like all that finds no room. */
static void accept_all(int listener, const struct sockaddr_in *upstream) {
  int client;
  while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0) fail("socket");
    if (connect(server, (const struct sockaddr *)upstream, sizeof *upstream) != 0 &&
        errno != EINPROGRESS) {
      close(server);
      close(client);
      continue;
    }
    struct end *near = open_end(client), *far = open_end(server);
    near->other = far;
    far->other = near;
  }
}

static int listen_on(const struct sockaddr_in *address) {
  int one = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (const struct sockaddr *)address, sizeof *address) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: chat-bench-forward LISTEN-PORT UPSTREAM-PORT\n");
    return 2;
  }
  struct sockaddr_in here = local(argv[1]), upstream = local(argv[2]);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  int listener = listen_on(&here);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");

  struct epoll_event events[EVENTS_MAX];
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int index = 0; index < count; index++) {
      struct end *end = events[index].data.ptr;
      uint32_t found = events[index].events;
      if (!end) {
        accept_all(listener, &upstream);
        continue;
      }
      if (!end->is_closed && found & EPOLLOUT) flush(end);
      if (!end->is_closed && found & EPOLLIN) receive(end);
      /* Both directions are over, or it was reset, and nobody reads it to find out. */
      if (!end->is_closed && found & (EPOLLERR | EPOLLHUP) && !(found & EPOLLIN)) close_both(end);
    }
    free_closed();
  }
}
