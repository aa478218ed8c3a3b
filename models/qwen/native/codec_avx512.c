/* The codec's stages for AVX512. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")
#endif
#include <immintrin.h>

#include "codec.h"

#define LANES 16
#include "vector.inc"

#define MOST 13 /* steps at once: their sums, and two registers of weights, are all that there are */
#define MULADD(a, b, c) ((vec)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define SPREAD(x) ((vec)_mm512_set1_ps(x))
#include "codec_mix.inc"

#include "codec_hear.inc"

const vn_codec_ways vn_codec_avx512 = {mix, near, wave, norm, gate, look};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int vn_nothing_here; /* a file must hold something */
#endif
