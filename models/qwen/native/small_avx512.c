/* The small operations for AVX512. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
#endif
#include "small.h"

#define LANES 16
#include "vector.inc"

#include "small.inc"

const vn_small vn_small_avx512 = {norm, turn, add, gate, keep, fetch, look, soften};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int vn_nothing_here; /* a file must hold something */
#endif
