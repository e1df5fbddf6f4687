#define _GNU_SOURCE
#include "csys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define STREAM (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

int csys_stream_socket(int family) { return socket(family, STREAM, 0); }

int csys_stream_pair(int ends[2]) { return socketpair(AF_UNIX, STREAM, 0, ends); }

int csys_stream_type(void) { return SOCK_STREAM; }

int csys_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
  return accept4(descriptor, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int csys_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

int csys_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int csys_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int epoll_control(
    int set, int operation, int descriptor, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.data.u64 = token};
  if (interest & CSYS_READABLE) event.events |= EPOLLIN;
  if (interest & CSYS_WRITABLE) event.events |= EPOLLOUT;
  // Ends and errors are reported whatever is asked for, and again and again: once is enough for
  // somebody who waits for nothing else, and can do nothing about them yet.
  if (event.events == 0) event.events = EPOLLET;
  return epoll_ctl(set, operation, descriptor, &event);
}

int csys_epoll_add(int set, int descriptor, uint32_t interest, uint64_t token) {
  return epoll_control(set, EPOLL_CTL_ADD, descriptor, interest, token);
}

int csys_epoll_change(int set, int descriptor, uint32_t interest, uint64_t token) {
  return epoll_control(set, EPOLL_CTL_MOD, descriptor, interest, token);
}

int csys_epoll_remove(int set, int descriptor) {
  return epoll_ctl(set, EPOLL_CTL_DEL, descriptor, NULL);
}

int csys_epoll_wait(int set, struct csys_event *events, int count, int64_t timeout_nanoseconds) {
  struct epoll_event found[256];
  if (count > 256) count = 256;
  struct timespec timeout = {timeout_nanoseconds / 1000000000, timeout_nanoseconds % 1000000000};
  int result = epoll_pwait2(set, found, count, timeout_nanoseconds < 0 ? NULL : &timeout, NULL);
  if (result < 0 && errno == ENOSYS) {
    // Before Linux 5.11: in whole milliseconds, never too early.
    int64_t milliseconds = (timeout_nanoseconds + 999999) / 1000000;
    if (milliseconds > 1000000000) milliseconds = 1000000000;
    result = epoll_wait(set, found, count, timeout_nanoseconds < 0 ? -1 : (int)milliseconds);
  }
  for (int index = 0; index < result; index++) {
    uint32_t come = found[index].events;
    events[index].token = found[index].data.u64;
    events[index].result = (come & EPOLLIN ? CSYS_READABLE : 0)
        | (come & EPOLLOUT ? CSYS_WRITABLE : 0) | (come & EPOLLERR ? CSYS_BROKEN : 0)
        | (come & EPOLLHUP ? CSYS_ENDED : 0);
  }
  return result;
}

int csys_address_text(
    const struct sockaddr_storage *address, char *host, int capacity, uint16_t *port) {
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *internet = (const struct sockaddr_in *)address;
    *port = ntohs(internet->sin_port);
    return inet_ntop(AF_INET, &internet->sin_addr, host, capacity) != NULL;
  }
  if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *internet = (const struct sockaddr_in6 *)address;
    *port = ntohs(internet->sin6_port);
    return inet_ntop(AF_INET6, &internet->sin6_addr, host, capacity) != NULL;
  }
  return 0;
}

int csys_address_bytes(const char *host, uint8_t bytes[16]) {
  if (inet_pton(AF_INET, host, bytes) == 1) return 4;
  if (inet_pton(AF_INET6, host, bytes) == 1) return 16;
  return 0;
}

static int local_address(struct sockaddr_un *address, const char *path) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address->sun_path, path);
  return 0;
}

int csys_bind_local(int descriptor, const char *path) {
  struct sockaddr_un address;
  if (local_address(&address, path) != 0) return -1;
  return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

int csys_connect_local(int descriptor, const char *path) {
  struct sockaddr_un address;
  if (local_address(&address, path) != 0) return -1;
  return connect(descriptor, (const struct sockaddr *)&address, sizeof address);
}

void csys_reset_on_close(int descriptor) {
  struct linger option = {.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

// Threads inherit the mask, so that of the thread that prepares is that of all.
static sigset_t mask_while_waiting;

void csys_prepare_wake_signal(int signal) {
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, signal);
  pthread_sigmask(SIG_BLOCK, &wake, &mask_while_waiting);
  sigdelset(&mask_while_waiting, signal);
}

int csys_poll_with_signal(
    struct pollfd *entries, nfds_t count, int64_t timeout_nanoseconds) {
  struct timespec timeout = {
      .tv_sec = timeout_nanoseconds / 1000000000, .tv_nsec = timeout_nanoseconds % 1000000000};
  return ppoll(
      entries, count, timeout_nanoseconds < 0 ? NULL : &timeout, &mask_while_waiting);
}

void csys_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void csys_close_from(int first) { close_range(first, ~0U, 0); }

int csys_character_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

int64_t csys_peer_user(int descriptor) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  return credentials.uid;
}

struct stream_cookie {
  void (*function)(void *, const char *, size_t);
  void *context;
};

static ssize_t write_cookie(void *cookie, const char *bytes, size_t count) {
  struct stream_cookie *stream = cookie;
  stream->function(stream->context, bytes, count);
  return (ssize_t)count;
}

static int close_cookie(void *cookie) {
  free(cookie);
  return 0;
}

void *csys_open_stream(void (*function)(void *, const char *, size_t), void *context) {
  struct stream_cookie *cookie = malloc(sizeof *cookie);
  if (cookie == NULL) return NULL;
  *cookie = (struct stream_cookie){function, context};
  cookie_io_functions_t functions = {.write = write_cookie, .close = close_cookie};
  FILE *stream = fopencookie(cookie, "w", functions);
  if (stream == NULL) free(cookie);
  return stream;
}

void csys_flush_stream(void *stream) { fflush(stream); }

void csys_close_stream(void *stream) { fclose(stream); }

int csys_locale_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }
