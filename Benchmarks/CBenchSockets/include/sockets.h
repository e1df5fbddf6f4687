// What chat-bench-fanout needs of the kernel: epoll, which Swift's Glibc leaves out, and two calls
// that are shorter in C.
#pragma once
#include <stdint.h>

// A connection about which epoll has something to say.
struct bench_event {
  uint32_t number;
  uint8_t is_readable;
  uint8_t is_writable;
};

// A new connection to 127.0.0.1, without delay, non-blocking, from an address of 127.0.0.0/8 (in
// the order of the machine); negative: the error.
int bench_connect(uint32_t source, uint16_t port);

// A new epoll; negative: the error.
int bench_epoll(void);

// Watches a descriptor, which has a number, for input, and for room to write if wanted; from the
// first call on, which says so.
int bench_watch(int epoll, int descriptor, uint32_t number, int for_room, int is_first);

// Waits for at most so many events, and so long; returns how many there are.
int bench_wait(int epoll, struct bench_event *events, int count, int milliseconds);

// CPU time of all threads of a process, those that have ended included; negative: the error.
int64_t bench_process_nanoseconds(int process);
