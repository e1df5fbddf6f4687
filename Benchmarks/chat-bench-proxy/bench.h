/* What the files of chat-bench-proxy have in common; main.c says what it is. */
#pragma once
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* chat.c: frames of the native dialect. */

enum { HEADER_SIZE = 11, EXCHANGE_SIZE = 64, ACK_SIZE = HEADER_SIZE + 4, ACK_EVERY = 64 };
enum { WINDOW = 16384, FRAGMENT = 1024 };
enum { CLIENT_ISN = 1000, SERVER_ISN = 2000 };

/* SYN and SYN_ACK, of 64 bytes both. */
size_t write_syn(uint8_t *at);
size_t write_syn_ack(uint8_t *at);
size_t write_handshake_ack(uint8_t *at);
/* A text of the client, and one that a server passes on, in 64 bytes each. */
size_t write_client_text(uint8_t *at, uint16_t sequence);
size_t write_server_text(uint8_t *at, uint16_t sequence);
size_t write_ack(uint8_t *at, uint16_t sequence);

/* What is sent in one piece, over and over: good frames with new numbers each time, or bytes that
 * are no chat. */
struct block {
  uint8_t *bytes;
  size_t size;
  /* 0: no frames. */
  size_t frame_size;
  size_t frame_count;
  /* What each byte of the sequence number changes about the checksum. */
  uint32_t high[256], low[256];
  uint32_t checksum;
};

/* payload 0: bytes that are no chat. */
struct block make_block(size_t payload);
void number_frames(struct block *block, uint16_t first);

/* process.c: the proxy that is measured. */

/* Starts a command in a process group of its own, with LISTEN_PORT and UPSTREAM_PORT in its
 * environment. */
pid_t start_proxy(char **command, uint16_t listen_port, uint16_t upstream_port);
/* Ends the program, saying so, if the proxy has exited. */
void check_proxy(pid_t proxy);
void stop_proxy(pid_t proxy);
/* CPU time of the proxy and its children, once it has nothing left to do. 0: without a proxy. */
double cpu_seconds_at_rest(pid_t proxy);
double memory_bytes(pid_t proxy);
/* Puts the first thread of the proxy and of its children on one processor with this program. */
void share_processor(pid_t proxy);

/* sockets.c: the two ends. */

enum { PATIENCE_MILLISECONDS = 10000 };

struct setting {
  int listener;
  /* Where clients connect: of the proxy, or of the listener. */
  uint16_t port;
  /* 0: none. */
  pid_t proxy;
};

struct pair {
  int client, server;
};

int listen_locally(uint16_t *port);
/* Waits until it says what is wanted (POLLIN, POLLOUT), and ends the program if it never does. */
void wait_for(int descriptor, short events);
/* A connection from end to end. With -1 in it nobody listens. */
struct pair open_pair(const struct setting *setting);
void close_pair(struct pair pair);
void send_all(int descriptor, const uint8_t *bytes, size_t count);
/* Receives so many bytes, and ends the program unless they are the ones expected. */
void expect(int descriptor, const uint8_t *bytes, size_t count);
void handshake(struct pair pair);

_Noreturn void fail(const char *what);
double now(void);

/* The loads. */

void run_bulk(const struct setting *setting, size_t payload, long megabytes);
void run_turns(const struct setting *setting, long count);
void run_connections(const struct setting *setting, long count);
void run_memory(const struct setting *setting, long count);
