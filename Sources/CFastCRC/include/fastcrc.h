#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32 (IEEE 802.3) of `length` bytes, continuing from the internal state `state`: no initial
/// value, no final inversion. Uses carry-less multiplication. Call only if `fastcrc_available()` is
/// true, with `length` at least 64.
uint32_t fastcrc_update(uint32_t state, const void *bytes, size_t length);

/// True if this processor has what `fastcrc_update` needs.
int fastcrc_available(void);
