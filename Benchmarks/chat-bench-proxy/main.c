/* Both ends of chat connections, with a proxy between them that is measured.
 *
 *   chat-bench-proxy LOAD COUNT [COMMAND...]
 *
 *   bulk-1024 MEGABYTES    DATA of 1,024 bytes of payload from client to server, an ACK for 64
 *   bulk-512 MEGABYTES     the same with 512 bytes
 *   bulk-other MEGABYTES   bytes that are no chat
 *   turns COUNT            a DATA frame of 64 bytes, answered by one
 *   connections COUNT      opened, SYN, SYN_ACK, closed; 16 at once
 *   memory COUNT           connections that stay open, each after a handshake and a turn
 *
 * The command is the proxy: it finds the ports in LISTEN_PORT and UPSTREAM_PORT, and runs until it
 * is killed. Without one the ends are connected to each other. Every conversation is a good one in
 * the native dialect: handshake, right checksums, numbers that go on, acknowledgements, a window
 * that is kept. It prints lines of `name value`. What arrives is compared with what was sent, in
 * bulk for the first 256 KB, behind that the bytes are counted; anything wrong ends it with 1.
 *
 * Both ends are one thread, so that a machine of two cores has one for the proxy. It is C because
 * it must be cheaper than any proxy, and so is the receiver: bulk is dropped in the kernel, unread.
 */
#include "bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static pid_t running;

void fail(const char *what) {
  perror(what);
  stop_proxy(running);
  exit(1);
}

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_load(const char *load, const struct setting *setting, long count) {
  if (strcmp(load, "bulk-1024") == 0) run_bulk(setting, 1024, count);
  if (strcmp(load, "bulk-512") == 0) run_bulk(setting, 512, count);
  if (strcmp(load, "bulk-other") == 0) run_bulk(setting, 0, count);
  if (strcmp(load, "turns") == 0) run_turns(setting, count);
  if (strcmp(load, "connections") == 0) run_connections(setting, count);
  if (strcmp(load, "memory") == 0) run_memory(setting, count);
}

/* Waits until a handshake has gone through the proxy. */
static void wait_until_it_relays(const struct setting *setting) {
  double limit = now() + 20;
  for (;;) {
    struct pair pair = open_pair(setting);
    if (pair.client >= 0) {
      handshake(pair);
      close_pair(pair);
      return;
    }
    check_proxy(setting->proxy);
    if (now() > limit) fail("chat-bench-proxy: the proxy does not listen");
    usleep(10000);
  }
}

int main(int argc, char **argv) {
  static const char *const loads = " bulk-1024 bulk-512 bulk-other turns connections memory ";
  char name[32];
  long count = argc > 2 ? atol(argv[2]) : 0;
  if (argc > 1) snprintf(name, sizeof name, " %s ", argv[1]);
  if (count < 1 || !strstr(loads, name)) {
    fprintf(stderr, "usage: chat-bench-proxy LOAD COUNT [COMMAND...]\n  loads:%s\n", loads);
    return 2;
  }
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  signal(SIGPIPE, SIG_IGN);

  uint16_t upstream_port;
  struct setting setting = {.listener = listen_locally(&upstream_port), .port = upstream_port};
  if (argc > 3) {
    /* A port that was free a moment ago. */
    close(listen_locally(&setting.port));
    running = setting.proxy = start_proxy(argv + 3, setting.port, upstream_port);
    wait_until_it_relays(&setting);
  }
  run_load(argv[1], &setting, count);
  stop_proxy(running);
  return 0;
}
