#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 256 };

int bench_connect(uint32_t source, uint16_t port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // The kernel chooses the port when it knows both addresses, so that one port can serve several.
  setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
  struct sockaddr_in there = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(descriptor, (struct sockaddr *)&here, sizeof here) != 0 ||
      (connect(descriptor, (struct sockaddr *)&there, sizeof there) != 0 &&
       errno != EINPROGRESS)) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

int bench_epoll(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int bench_watch(int epoll, int descriptor, uint32_t number, int for_room, int is_first) {
  struct epoll_event event = {
      .events = EPOLLIN | (for_room ? (uint32_t)EPOLLOUT : 0), .data.u32 = number};
  int operation = is_first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  return epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : -errno;
}

int bench_wait(int epoll, struct bench_event *events, int count, int milliseconds) {
  struct epoll_event found[EVENTS_MAX];
  int result = epoll_wait(epoll, found, count < EVENTS_MAX ? count : EVENTS_MAX, milliseconds);
  for (int index = 0; index < result; index++)
    events[index] = (struct bench_event){
        .number = found[index].data.u32,
        .is_readable = (found[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
        .is_writable = (found[index].events & EPOLLOUT) != 0,
    };
  return result < 0 ? 0 : result;
}

int64_t bench_process_nanoseconds(int process) {
  clockid_t clock;
  struct timespec time;
  int error = clock_getcpuclockid(process, &clock);
  if (error != 0) return -error;
  if (clock_gettime(clock, &time) != 0) return -errno;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
