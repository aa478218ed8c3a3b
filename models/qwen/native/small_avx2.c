/* The small operations for AVX2. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,f16c"))), apply_to = function)
#else
#pragma GCC target("avx2,f16c")
#endif
#include "small.h"

#define LANES 8
#include "vector.inc"

#include "small.inc"

const vn_small vn_small_avx2 = {norm, turn, add, gate, keep, fetch, look, soften};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int vn_nothing_here; /* a file must hold something */
#endif
