/* The codec's stages for AVX2. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#include <immintrin.h>

#include "codec.h"

#define LANES 8
#include "vector.inc"

#define MOST 6 /* steps at once: their sums, and two registers of weights, are all that there are */
#define MULADD(a, b, c) ((vec)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define SPREAD(x) ((vec)_mm256_set1_ps(x))
#include "codec_mix.inc"

#include "codec_hear.inc"

const vn_codec_ways vn_codec_avx2 = {mix, near, wave, norm, gate, look};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int vn_nothing_here; /* a file must hold something */
#endif
