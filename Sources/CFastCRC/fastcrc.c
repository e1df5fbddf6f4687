// CRC-32 by carry-less multiplication.
//
// The method is that of V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction" (Intel, 2009), in its bit-reflected form: four 128-bit lanes are folded 64
// bytes at a time, the lanes into one, the one over the rest 16 bytes at a time, and what is left
// is reduced to 32 bits after Barrett. The last 1-15 bytes are folded too, with a byte shuffle
// instead of a table loop: chat frames are short, so the rest is a good part of them.

#include "fastcrc.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("pclmul,sse4.1")))

int fastcrc_available(void) {
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

// x^n mod P, bit-reflected, for the polynomial 0x04C11DB7: the powers by which a block moves when
// it is folded over the distance in the name.
#define FOLD_64_BYTES_LOW 0x0154442bd4
#define FOLD_64_BYTES_HIGH 0x01c6e41596
#define FOLD_16_BYTES_LOW 0x01751997d0
#define FOLD_16_BYTES_HIGH 0x00ccaa009e
#define FOLD_8_BYTES 0x0163cd6124
// The polynomial itself, and floor(x^64 / P), for Barrett's reduction.
#define POLYNOMIAL 0x01db710641
#define POLYNOMIAL_INVERSE 0x01f7011641

// Read from 16 + n it moves bytes n places to the front; read from n it moves them 16 - n to the
// back. 0x80 makes a zero byte.
static const uint8_t shifts[48] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};

TARGET static inline __m128i load(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

TARGET static inline __m128i fold(__m128i block, __m128i distance, __m128i onto) {
  __m128i low = _mm_clmulepi64_si128(block, distance, 0x00);
  __m128i high = _mm_clmulepi64_si128(block, distance, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

TARGET uint32_t fastcrc_update(uint32_t state, const void *start, size_t length) {
  const uint8_t *bytes = start;
  const __m128i by64 = _mm_set_epi64x(FOLD_64_BYTES_HIGH, FOLD_64_BYTES_LOW);
  const __m128i by16 = _mm_set_epi64x(FOLD_16_BYTES_HIGH, FOLD_16_BYTES_LOW);

  __m128i block = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)state));
  __m128i second = load(bytes + 16), third = load(bytes + 32), fourth = load(bytes + 48);
  bytes += 64;
  length -= 64;
  while (length >= 64) {
    block = fold(block, by64, load(bytes));
    second = fold(second, by64, load(bytes + 16));
    third = fold(third, by64, load(bytes + 32));
    fourth = fold(fourth, by64, load(bytes + 48));
    bytes += 64;
    length -= 64;
  }

  block = fold(block, by16, second);
  block = fold(block, by16, third);
  block = fold(block, by16, fourth);
  while (length >= 16) {
    block = fold(block, by16, load(bytes));
    bytes += 16;
    length -= 16;
  }

  if (length > 0) {
    // The block and the rest together are 16 + length bytes: fold their first `length` bytes onto
    // the 16 that follow. The load reaches back into bytes that were folded already; the blend
    // discards them.
    __m128i to_back = load(shifts + length);
    __m128i to_front = load(shifts + 16 + length);
    __m128i first = _mm_shuffle_epi8(block, to_back);
    __m128i rest = load(bytes + length - 16);
    __m128i following = _mm_blendv_epi8(rest, _mm_shuffle_epi8(block, to_front), to_back);
    block = fold(first, by16, following);
  }

  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
  // 128 bits to 96, to 64.
  block = _mm_xor_si128(_mm_srli_si128(block, 8), _mm_clmulepi64_si128(block, by16, 0x10));
  __m128i upper = _mm_srli_si128(block, 4);
  block = _mm_and_si128(block, low_words);
  block = _mm_clmulepi64_si128(block, _mm_set_epi64x(0, FOLD_8_BYTES), 0x00);
  block = _mm_xor_si128(block, upper);
  // To 32.
  const __m128i barrett = _mm_set_epi64x(POLYNOMIAL_INVERSE, POLYNOMIAL);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(block, low_words), barrett, 0x10);
  __m128i product = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), barrett, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(block, product), 1);
}

#else

int fastcrc_available(void) { return 0; }

uint32_t fastcrc_update(uint32_t state, const void *bytes, size_t length) {
  (void)bytes;
  (void)length;
  return state;
}

#endif
