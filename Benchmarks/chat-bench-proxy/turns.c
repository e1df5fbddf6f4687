/* Latency: one frame under way, and its answer.
 *
 * The proxy and the ends take turns anyway, so they share a processor: waking another one that has
 * gone to sleep costs several times what there is to measure, now more and now less.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "bench.h"

/* A turn takes no more calls than there are reads and writes. */
static void make_blocking(int descriptor) {
  struct timeval patience = {.tv_sec = PATIENCE_MILLISECONDS / 1000};
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* Returns the microseconds that it took. */
static double take_turn(struct pair pair, size_t number) {
  uint8_t question[EXCHANGE_SIZE + ACK_SIZE], answer[EXCHANGE_SIZE + ACK_SIZE];
  uint16_t client_sequence = (uint16_t)(CLIENT_ISN + 1 + number);
  uint16_t server_sequence = (uint16_t)(SERVER_ISN + 1 + number);
  size_t question_size = write_client_text(question, client_sequence);
  size_t answer_size = write_server_text(answer, server_sequence);
  if (number > 0 && number % ACK_EVERY == 0) {
    question_size += write_ack(question + question_size, (uint16_t)(server_sequence - 1));
    answer_size += write_ack(answer + answer_size, client_sequence);
  }
  double start = now();
  send_all(pair.client, question, question_size);
  expect(pair.server, question, question_size);
  send_all(pair.server, answer, answer_size);
  expect(pair.client, answer, answer_size);
  return (now() - start) * 1e6;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

void run_turns(const struct setting *setting, long count) {
  struct pair pair = open_pair(setting);
  double *times = malloc((size_t)count * sizeof *times);
  if (pair.client < 0 || !times) fail("chat-bench-proxy: turns");
  make_blocking(pair.client);
  make_blocking(pair.server);
  handshake(pair);
  share_processor(setting->proxy);
  size_t warm_up = 200;
  for (size_t number = 0; number < warm_up; number++) take_turn(pair, number);
  double cpu = cpu_seconds_at_rest(setting->proxy);
  for (long index = 0; index < count; index++)
    times[index] = take_turn(pair, warm_up + (size_t)index);
  cpu = cpu_seconds_at_rest(setting->proxy) - cpu;
  qsort(times, (size_t)count, sizeof *times, ascending);
  printf("latency_p50_us %.2f\n", times[count / 2]);
  printf("latency_p99_us %.2f\n", times[count * 99 / 100]);
  printf("cpu_us_per_turn %.3f\n", cpu * 1e6 / (double)count);
}
