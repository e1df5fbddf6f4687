/* The limit of a fan-out: what broadcasting costs when there is nothing to it but sockets.
 *
 *   chat-bench-relay
 *
 * Listens on a free port of 127.0.0.1 and prints `listening on 127.0.0.1:PORT`. One thread, one
 * epoll. A record is four bytes of length, big-endian, and so many bytes of payload; whoever
 * connects gets an empty one at once. Each record that has come whole from one client goes to all
 * others, unchanged; all that one turn of the loop has for a client goes out in one send(2). With
 * the highest bit of the length set a record is an acknowledgement: it is read, and goes nowhere.
 * There are no names, no checksums, no fragments, no timers and no limits: a chat server cannot be
 * cheaper than this, and how close it comes is the figure.
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

enum {
  CLIENTS_MAX = 20000,
  EVENTS_MAX = 256,
  READ_SIZE = 65536,
  HEADER_SIZE = 4,
  PAYLOAD_MAX = 16384,
};

struct client {
  int descriptor;
  /* The beginning of a record whose rest has not come. */
  char *partial;
  size_t partial_count;
  /* What is due, from `written` on. */
  char *output;
  size_t output_count, output_capacity, written;
  /* Already in the list of those to whom something is due. */
  int is_due;
  /* The kernel took no more; epoll tells when it will. */
  int is_blocked;
};

static struct client *clients[CLIENTS_MAX];
static int client_count;
static struct client *due[CLIENTS_MAX];
static int due_count;
static int epoll;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(void *old, size_t size) {
  void *result = realloc(old, size);
  if (!result) fail("chat-bench-relay: memory");
  return result;
}

static void watch(struct client *client, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = client};
  if (epoll_ctl(epoll, operation, client->descriptor, &event) != 0) fail("epoll_ctl");
}

static void append(struct client *client, const char *bytes, size_t count) {
  if (client->output_count + count > client->output_capacity) {
    client->output_capacity = 2 * (client->output_count + count);
    client->output = allocate(client->output, client->output_capacity);
  }
  memcpy(client->output + client->output_count, bytes, count);
  client->output_count += count;
  if (!client->is_due && !client->is_blocked) {
    client->is_due = 1;
    due[due_count++] = client;
  }
}

static void broadcast(struct client *sender, const char *record, size_t count) {
  for (int index = 0; index < client_count; index++)
    if (clients[index] != sender) append(clients[index], record, count);
}

static void disconnect(struct client *client) {
  close(client->descriptor);
  for (int index = 0; index < client_count; index++)
    if (clients[index] == client) clients[index] = clients[--client_count];
  for (int index = 0; index < due_count; index++)
    if (due[index] == client) due[index] = due[--due_count];
  free(client->partial);
  free(client->output);
  free(client);
}

/* Reads once; epoll tells again if there is more. */
static void receive(struct client *client) {
  static char buffer[PAYLOAD_MAX + HEADER_SIZE + READ_SIZE];
  size_t count = client->partial_count;
  if (count > 0) memcpy(buffer, client->partial, count);
  ssize_t result = recv(client->descriptor, buffer + count, READ_SIZE, 0);
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (result <= 0) {
    disconnect(client);
    return;
  }
  count += (size_t)result;
  size_t position = 0;
  while (count - position >= HEADER_SIZE) {
    uint32_t word;
    memcpy(&word, buffer + position, HEADER_SIZE);
    word = ntohl(word);
    size_t length = word & 0x7FFFFFFF;
    if (length > PAYLOAD_MAX) {
      disconnect(client);
      return;
    }
    if (count - position < HEADER_SIZE + length) break;
    if (!(word & 0x80000000)) broadcast(client, buffer + position, HEADER_SIZE + length);
    position += HEADER_SIZE + length;
  }
  client->partial_count = count - position;
  if (client->partial_count > 0) {
    client->partial = allocate(client->partial, HEADER_SIZE + PAYLOAD_MAX);
    memcpy(client->partial, buffer + position, client->partial_count);
  }
}

static void flush(struct client *client) {
  while (client->written < client->output_count) {
    ssize_t count = send(
        client->descriptor, client->output + client->written,
        client->output_count - client->written, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      if (!client->is_blocked) watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      client->is_blocked = 1;
      return;
    }
    /* Broken: reading will tell. */
    if (count < 0) break;
    client->written += (size_t)count;
  }
  client->output_count = client->written = 0;
  if (client->is_blocked) watch(client, EPOLL_CTL_MOD, EPOLLIN);
  client->is_blocked = 0;
}

static void accept_all(int listener) {
  static const char greeting[HEADER_SIZE];
  int one = 1;
  int descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (client_count == CLIENTS_MAX) {
      close(descriptor);
      continue;
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct client *client = allocate(NULL, sizeof *client);
    *client = (struct client){.descriptor = descriptor};
    watch(client, EPOLL_CTL_ADD, EPOLLIN);
    clients[client_count++] = client;
    append(client, greeting, sizeof greeting);
  }
}

static int listen_locally(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  int listener = listen_locally();
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");

  struct epoll_event events[EVENTS_MAX];
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int index = 0; index < count; index++) {
      struct client *client = events[index].data.ptr;
      if (!client) {
        accept_all(listener);
        continue;
      }
      if (events[index].events & EPOLLOUT) flush(client);
      if (events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(client);
    }
    for (int index = 0; index < due_count; index++) {
      due[index]->is_due = 0;
      flush(due[index]);
    }
    due_count = 0;
  }
}
