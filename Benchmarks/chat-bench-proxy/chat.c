/* Frames of the native dialect; docs/PROTOCOL.md has the layout. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { SYN = 1, ACK = 2, HANDSHAKE_ACK = 3, DATA = 4, SYN_ACK = 10, LAST = 1 };
enum { CHECKSUM_OFFSET = 6, BLOCK_SIZE = 256 * 1024, TEXT_SIZE = EXCHANGE_SIZE - HEADER_SIZE };

static const char text[] = "The quick brown fox jumps over the lazy dog, again and again. ";

static uint32_t crc32(const uint8_t *bytes, size_t count) {
  static uint32_t table[256];
  if (!table[1])
    for (uint32_t index = 0; index < 256; index++) {
      table[index] = index;
      for (int bit = 0; bit < 8; bit++)
        table[index] = table[index] >> 1 ^ (table[index] & 1 ? 0xEDB88320 : 0);
    }
  uint32_t crc = 0xFFFFFFFF;
  for (size_t index = 0; index < count; index++)
    crc = table[(crc ^ bytes[index]) & 0xFF] ^ crc >> 8;
  return ~crc;
}

static void write_u16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static void write_u32(uint8_t *at, uint32_t value) {
  write_u16(at, value >> 16);
  write_u16(at + 2, value & 0xFFFF);
}

/* Puts a header before a payload that is there already. */
static size_t write_frame(
    uint8_t *at, uint8_t type, uint16_t sequence, uint8_t flags, size_t payload) {
  memset(at, 0, HEADER_SIZE);
  write_u16(at + 1, (uint32_t)payload);
  at[3] = type;
  write_u16(at + 4, sequence);
  at[10] = flags;
  write_u32(at + CHECKSUM_OFFSET, crc32(at, HEADER_SIZE + payload));
  return HEADER_SIZE + payload;
}

static uint8_t *write_option(uint8_t *at, uint8_t kind, const void *value, size_t count) {
  at[0] = kind;
  at[1] = (uint8_t)count;
  memcpy(at + 2, value, count);
  return at + 2 + count;
}

/* Version 1, Go-Back-N, the window and the fragment size. */
static uint8_t *write_common_options(uint8_t *at) {
  uint8_t number[2];
  at = write_option(at, 1, "\1", 1);
  at = write_option(at, 2, "\1", 1);
  write_u16(number, WINDOW);
  at = write_option(at, 3, number, 2);
  write_u16(number, FRAGMENT);
  return write_option(at, 4, number, 2);
}

size_t write_syn(uint8_t *at) {
  static const char software[] = "chat-bench-proxy, with a name that fits";
  uint8_t *end = write_common_options(at + HEADER_SIZE);
  size_t room = (size_t)(at + EXCHANGE_SIZE - end) - 2;
  write_option(end, 9, software, room);
  return write_frame(at, SYN, CLIENT_ISN, 0, TEXT_SIZE);
}

size_t write_syn_ack(uint8_t *at) {
  uint8_t number[2];
  uint8_t *end = write_common_options(at + HEADER_SIZE);
  end = write_option(end, 5, "\0\20\0\0", 4);
  write_u16(number, CLIENT_ISN);
  end = write_option(end, 6, number, 2);
  end = write_option(end, 7, "ABCDEFGH", 8);
  write_option(end, 8, "benchmark-visitor", 17);
  return write_frame(at, SYN_ACK, SERVER_ISN, 0, TEXT_SIZE);
}

size_t write_handshake_ack(uint8_t *at) {
  write_option(at + HEADER_SIZE, 7, "ABCDEFGH", 8);
  return write_frame(at, HANDSHAKE_ACK, SERVER_ISN, 0, 10);
}

size_t write_client_text(uint8_t *at, uint16_t sequence) {
  memcpy(at + HEADER_SIZE, text, TEXT_SIZE);
  return write_frame(at, DATA, sequence, LAST, TEXT_SIZE);
}

size_t write_server_text(uint8_t *at, uint16_t sequence) {
  /* Sent at some time in 2025, by ana. */
  static const uint8_t prefix[] = {0, 0, 1, 0x94, 0, 0, 0, 0, 3, 'a', 'n', 'a'};
  memcpy(at + HEADER_SIZE, prefix, sizeof prefix);
  memcpy(at + HEADER_SIZE + sizeof prefix, text, TEXT_SIZE - sizeof prefix);
  return write_frame(at, DATA, sequence, LAST, TEXT_SIZE);
}

size_t write_ack(uint8_t *at, uint16_t sequence) {
  write_u16(at + HEADER_SIZE, (uint16_t)(sequence + 1));
  write_u16(at + HEADER_SIZE + 2, WINDOW);
  return write_frame(at, ACK, sequence, 0, 4);
}

static struct block make_noise(void) {
  struct block block = {.bytes = malloc(BLOCK_SIZE), .size = BLOCK_SIZE};
  if (!block.bytes) fail("chat-bench-proxy: memory");
  uint64_t state = 42;
  for (size_t index = 0; index < block.size; index++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    block.bytes[index] = (uint8_t)(state >> 32);
  }
  return block;
}

struct block make_block(size_t payload) {
  if (payload == 0) return make_noise();
  struct block block = {.frame_size = HEADER_SIZE + payload};
  block.frame_count = BLOCK_SIZE / payload;
  block.size = block.frame_count * block.frame_size;
  block.bytes = malloc(block.size);
  if (!block.bytes) fail("chat-bench-proxy: memory");
  uint8_t *frame = block.bytes;
  for (size_t index = 0; index < payload; index++)
    frame[HEADER_SIZE + index] = (uint8_t)text[index % (sizeof text - 1)];
  /* A CRC changes by the same bits for the same change of a byte, whatever the others are. */
  write_frame(frame, DATA, 0, LAST, payload);
  memset(frame + CHECKSUM_OFFSET, 0, 4);
  block.checksum = crc32(frame, block.frame_size);
  for (uint32_t byte = 0; byte < 256; byte++) {
    frame[4] = (uint8_t)byte;
    block.high[byte] = crc32(frame, block.frame_size) ^ block.checksum;
    frame[4] = 0;
    frame[5] = (uint8_t)byte;
    block.low[byte] = crc32(frame, block.frame_size) ^ block.checksum;
    frame[5] = 0;
  }
  for (size_t index = 1; index < block.frame_count; index++)
    memcpy(frame + index * block.frame_size, frame, block.frame_size);
  return block;
}

void number_frames(struct block *block, uint16_t first) {
  for (size_t index = 0; index < block->frame_count; index++) {
    uint8_t *frame = block->bytes + index * block->frame_size;
    uint16_t sequence = (uint16_t)(first + index);
    write_u16(frame + 4, sequence);
    uint32_t changes = block->high[sequence >> 8] ^ block->low[sequence & 0xFF];
    write_u32(frame + CHECKSUM_OFFSET, block->checksum ^ changes);
  }
}
