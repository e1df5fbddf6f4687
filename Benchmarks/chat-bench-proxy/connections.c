/* Many connections: opened and closed, or held. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "sockets.h"

enum { AT_ONCE = 16, DESCRIPTORS_MAX = 65536, EVENTS_MAX = 128, SCRIPT_SIZE = 256 };

enum kind { NOBODY, LISTENER, CLIENT, SERVER };

/* What one end does, by the number of its descriptor. */
struct end {
  enum kind kind;
  int is_connected;
  size_t received;
};

/* All that a side says: to its n-th cue it answers with its n-th line. */
struct script {
  uint8_t bytes[SCRIPT_SIZE];
  size_t line_ends[2];
};

static struct end ends[DESCRIPTORS_MAX];
static struct script client_script, server_script;
/* Lines of each side: the handshake's, and in the memory load a turn. */
static size_t line_count;
static int epoll;
static const struct setting *setting;
static long wanted, begun, succeeded, failed, open_servers;
static int clients_stay;

static void write_scripts(void) {
  uint8_t *at = client_script.bytes;
  size_t count = write_syn(at);
  client_script.line_ends[0] = count;
  count += write_handshake_ack(at + count);
  client_script.line_ends[1] = count + write_client_text(at + count, CLIENT_ISN + 1);
  at = server_script.bytes;
  count = write_syn_ack(at);
  server_script.line_ends[0] = count;
  server_script.line_ends[1] = count + write_server_text(at + count, SERVER_ISN + 1);
}

static void watch(int descriptor, int for_room, int is_first) {
  if (bench_watch(epoll, descriptor, (uint32_t)descriptor, for_room, is_first) != 0)
    fail("epoll_ctl");
}

static void forget(int descriptor) {
  close(descriptor);
  ends[descriptor].kind = NOBODY;
}

static void begin(void) {
  if (begun == wanted) return;
  begun++;
  int descriptor = bench_connect(INADDR_LOOPBACK, setting->port);
  if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX) {
    errno = descriptor < 0 ? -descriptor : EMFILE;
    fail("connect");
  }
  ends[descriptor] = (struct end){.kind = CLIENT};
  watch(descriptor, 1, 1);
}

static void finish(int client, int is_success) {
  if (is_success)
    succeeded++;
  else
    failed++;
  if (!is_success || !clients_stay) forget(client);
  begin();
}

/* Says the line whose cue has been given; what is short finds room at once. */
static int say(int descriptor, const struct script *script, size_t line) {
  size_t from = line == 0 ? 0 : script->line_ends[line - 1];
  size_t count = script->line_ends[line] - from;
  return send(descriptor, script->bytes + from, count, MSG_NOSIGNAL) == (ssize_t)count;
}

/* Reads what the other side says. Negative: it is not that. */
static int hear(int descriptor, const struct script *script) {
  struct end *end = &ends[descriptor];
  uint8_t buffer[SCRIPT_SIZE];
  ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
  if (count < 0 && errno == EAGAIN) return 0;
  if (count <= 0 || end->received + (size_t)count > script->line_ends[line_count - 1] ||
      memcmp(buffer, script->bytes + end->received, (size_t)count) != 0)
    return -1;
  end->received += (size_t)count;
  return 1;
}

static void serve_client(int descriptor) {
  struct end *end = &ends[descriptor];
  if (!end->is_connected) {
    int error;
    socklen_t size = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0 || !say(descriptor, &client_script, 0)) {
      finish(descriptor, 0);
      return;
    }
    end->is_connected = 1;
    watch(descriptor, 0, 0);
    return;
  }
  int result = hear(descriptor, &server_script);
  if (result == 0) return;
  if (result < 0)
    finish(descriptor, 0);
  else if (end->received == server_script.line_ends[line_count - 1])
    finish(descriptor, 1);
  else if (end->received == server_script.line_ends[0] && !say(descriptor, &client_script, 1))
    finish(descriptor, 0);
}

static void serve_server(int descriptor) {
  int result = hear(descriptor, &client_script);
  if (result < 0) {
    /* The client has gone; whether too early, it knows itself. */
    forget(descriptor);
    open_servers--;
  }
  for (size_t line = 0; result > 0 && line < line_count; line++)
    if (ends[descriptor].received == client_script.line_ends[line])
      say(descriptor, &server_script, line);
}

static void accept_all(void) {
  int descriptor, one = 1;
  while ((descriptor = accept4(setting->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (descriptor >= DESCRIPTORS_MAX) fail("chat-bench-proxy: descriptors");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ends[descriptor] = (struct end){.kind = SERVER};
    open_servers++;
    watch(descriptor, 0, 1);
  }
}

/* Until all clients have been served and, unless they stay, all servers have heard of their end. */
static void run_until_over(void) {
  struct bench_event events[EVENTS_MAX];
  while (succeeded + failed < wanted || (!clients_stay && open_servers > 0)) {
    int count = bench_wait(epoll, events, EVENTS_MAX, PATIENCE_MILLISECONDS);
    if (count == 0) break;
    for (int index = 0; index < count; index++) {
      int descriptor = (int)events[index].number;
      switch (ends[descriptor].kind) {
        case LISTENER: accept_all(); break;
        case CLIENT: serve_client(descriptor); break;
        case SERVER: serve_server(descriptor); break;
        case NOBODY: break;
      }
    }
  }
  /* What never came to an end has failed too. */
  failed = wanted - succeeded;
}

static void run(const struct setting *used, long count, int stay) {
  setting = used;
  wanted = count;
  clients_stay = stay;
  line_count = stay ? 2 : 1;
  write_scripts();
  epoll = bench_epoll();
  if (epoll < 0) fail("epoll_create1");
  ends[used->listener].kind = LISTENER;
  watch(used->listener, 0, 1);
  for (int index = 0; index < AT_ONCE; index++) begin();
  run_until_over();
}

void run_connections(const struct setting *used, long count) {
  double start = now();
  run(used, count, 0);
  printf("connections_per_second %.1f\n", (double)succeeded / (now() - start));
  printf("connections_failed %ld\n", failed);
  printf("connections_left_open %ld\n", open_servers);
}

void run_memory(const struct setting *used, long count) {
  double before = memory_bytes(used->proxy);
  run(used, count, 1);
  /* What is put off, such as printing, needs memory too. */
  cpu_seconds_at_rest(used->proxy);
  printf("memory_mb %.2f\n", memory_bytes(used->proxy) / 1e6);
  printf("memory_idle_mb %.2f\n", before / 1e6);
  printf("connections_failed %ld\n", failed);
}
