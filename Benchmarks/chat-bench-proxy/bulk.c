/* Throughput: one direction, as much as it takes. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "bench.h"

struct flow {
  struct pair pair;
  struct block block;
  /* Bytes since the handshake. */
  size_t sent, received;
  size_t block_sent;
  /* Frames that the server has acknowledged, and those of which the client knows. */
  size_t acknowledged;
  size_t acknowledgement_bytes;
  /* The sequence number of the first frame. */
  uint16_t first;
};

/* 0: nothing could be done now. */
static int would_block(ssize_t result, const char *what) {
  if (result > 0) return 0;
  if (result == 0) errno = ECONNRESET;
  if (errno != EAGAIN && errno != EINTR) fail(what);
  return 1;
}

static int window_is_open(const struct flow *flow) {
  const struct block *block = &flow->block;
  if (block->frame_size == 0 || flow->block_sent > 0) return 1;
  size_t acknowledged = flow->acknowledgement_bytes / ACK_SIZE * ACK_EVERY;
  return flow->sent / block->frame_size + block->frame_count - acknowledged <= WINDOW;
}

static int send_some(struct flow *flow, size_t total) {
  struct block *block = &flow->block;
  if (flow->sent == total || !window_is_open(flow)) return 0;
  if (flow->block_sent == 0 && block->frame_size > 0)
    number_frames(block, (uint16_t)(flow->first + flow->sent / block->frame_size));
  ssize_t count = send(
      flow->pair.client, block->bytes + flow->block_sent, block->size - flow->block_sent,
      MSG_NOSIGNAL);
  if (would_block(count, "send")) return 0;
  flow->sent += (size_t)count;
  flow->block_sent = (flow->block_sent + (size_t)count) % block->size;
  return 1;
}

/* Without a place to put them the bytes are dropped where they are. */
static int receive_some(struct flow *flow, uint8_t *buffer, size_t count) {
  ssize_t result = recv(flow->pair.server, buffer, count, buffer ? 0 : MSG_TRUNC);
  if (would_block(result, "recv")) return 0;
  flow->received += (size_t)result;
  return 1;
}

static void acknowledge(struct flow *flow) {
  uint8_t frame[ACK_SIZE];
  if (flow->block.frame_size == 0) return;
  while (flow->received / flow->block.frame_size >= flow->acknowledged + ACK_EVERY) {
    flow->acknowledged += ACK_EVERY;
    write_ack(frame, (uint16_t)(flow->first + flow->acknowledged - 1));
    send_all(flow->pair.server, frame, sizeof frame);
  }
}

static void receive_acknowledgements(struct flow *flow) {
  char buffer[4096];
  ssize_t count;
  while (!would_block(count = recv(flow->pair.client, buffer, sizeof buffer, 0), "recv"))
    flow->acknowledgement_bytes += (size_t)count;
}

static void wait_for_either(struct flow *flow, size_t total) {
  int can_send = flow->sent < total && window_is_open(flow);
  struct pollfd wanted[] = {
      {.fd = flow->pair.client, .events = can_send ? POLLIN | POLLOUT : POLLIN},
      {.fd = flow->pair.server, .events = POLLIN}};
  int result = poll(wanted, 2, PATIENCE_MILLISECONDS);
  if (result == 0) errno = ETIMEDOUT;
  if (result <= 0) fail("chat-bench-proxy: bulk");
}

/* The first block is read and compared; it is the warming up too. */
static void pass_first_block(struct flow *flow) {
  size_t size = flow->block.size;
  uint8_t *arrived = malloc(size);
  if (!arrived) fail("chat-bench-proxy: memory");
  while (flow->received < size) {
    int has_sent = send_some(flow, size);
    if (!receive_some(flow, arrived + flow->received, size - flow->received) && !has_sent)
      wait_for_either(flow, size);
  }
  errno = EBADMSG;
  if (memcmp(arrived, flow->block.bytes, size) != 0)
    fail("chat-bench-proxy: other bytes than were sent");
  free(arrived);
}

static void pass(struct flow *flow, size_t total) {
  while (flow->received < total) {
    receive_acknowledgements(flow);
    int has_sent = send_some(flow, total);
    int has_received = receive_some(flow, NULL, 1 << 20);
    acknowledge(flow);
    if (!has_sent && !has_received) wait_for_either(flow, total);
  }
}

void run_bulk(const struct setting *setting, size_t payload, long megabytes) {
  struct flow flow = {
      .pair = open_pair(setting), .block = make_block(payload), .first = CLIENT_ISN + 1};
  if (flow.pair.client < 0) fail("connect");
  if (payload > 0) handshake(flow.pair);
  pass_first_block(&flow);
  size_t blocks = (size_t)megabytes * 1000000 / flow.block.size + 1;
  double cpu = cpu_seconds_at_rest(setting->proxy);
  double start = now();
  pass(&flow, (blocks + 1) * flow.block.size);
  double seconds = now() - start;
  cpu = cpu_seconds_at_rest(setting->proxy) - cpu;
  double bytes = (double)(blocks * flow.block.size);
  printf("mb_per_second %.1f\n", bytes / 1e6 / seconds);
  printf("cpu_seconds_per_gb %.4f\n", cpu / (bytes / 1e9));
}
