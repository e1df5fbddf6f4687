// What Swift's Glibc leaves out: functions behind _GNU_SOURCE, and macros. Nothing else is C.
#pragma once
#include "csys_crash.h"
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// socket(2), of streams, non-blocking, closed on exec.
int csys_stream_socket(int family);

// socketpair(2), likewise.
int csys_stream_pair(int ends[2]);

// The socket type of streams, for getaddrinfo(3).
int csys_stream_type(void);

// accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK.
int csys_accept(int descriptor, struct sockaddr *address, socklen_t *length);

// pipe2(2) with O_CLOEXEC and O_NONBLOCK.
int csys_pipe(int ends[2]);

// eventfd(2), non-blocking, closed on exec.
int csys_eventfd(void);

// epoll(7), level-triggered: a set; adding, changing and removing a descriptor that is known by a
// token; and waiting for at most `count` tokens with what has come for each.
enum { CSYS_READABLE = 1, CSYS_WRITABLE = 2, CSYS_BROKEN = 4, CSYS_ENDED = 8 };
struct csys_event {
  uint64_t token;
  uint32_t result;
};
int csys_epoll(void);
int csys_epoll_add(int set, int descriptor, uint32_t interest, uint64_t token);
int csys_epoll_change(int set, int descriptor, uint32_t interest, uint64_t token);
int csys_epoll_remove(int set, int descriptor);
int csys_epoll_wait(int set, struct csys_event *events, int count, int64_t timeout_nanoseconds);

// An internet address in figures, and its port; 0 if it is of another family.
int csys_address_text(
    const struct sockaddr_storage *address, char *host, int capacity, uint16_t *port);

// The bytes of an internet address in figures; how many there are: 4, 16, or 0 if it is none.
int csys_address_bytes(const char *host, uint8_t bytes[16]);

// bind(2) and connect(2) to a path; 0, or -1 with errno.
int csys_bind_local(int descriptor, const char *path);
int csys_connect_local(int descriptor, const char *path);

// Makes close(2) reset the connection.
void csys_reset_on_close(int descriptor);

// Blocks a signal in this thread, and in those that it will start, except in csys_poll_with_signal.
void csys_prepare_wake_signal(int signal);

// ppoll(2) during which that signal is let through; a negative timeout waits without end.
int csys_poll_with_signal(
    struct pollfd *entries, nfds_t count, int64_t timeout_nanoseconds);

// The name of the calling thread, of at most 15 bytes.
void csys_name_thread(const char *name);

// Closes every descriptor from `first` on: what a parent may have left open by mistake.
void csys_close_from(int first);

// How many terminal columns a character takes; negative if it is a control character.
int csys_character_width(uint32_t scalar);

// The user on the other side of a local socket, or -1.
int64_t csys_peer_user(int descriptor);

// A FILE (fopencookie(3)) that hands all that is written to it to a function; NULL if there is no
// memory. It is closed by csys_close_stream.
void *csys_open_stream(
    void (*function)(void *context, const char *bytes, size_t count), void *context);
void csys_flush_stream(void *stream);
void csys_close_stream(void *stream);

// True if the characters of the locale are written in UTF-8.
int csys_locale_is_utf8(void);
