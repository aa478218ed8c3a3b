/* 256 bits: with dot products of 8 bits (AVX-VNNI) and without. A tile is two halves of 8 outputs. */
#if defined(__x86_64__)
#include "slim.h"
#include "x86.h"

#include <immintrin.h>

#define PLAIN __attribute__((target("avx2,fma")))
#define VNNI __attribute__((target("avx2,fma,avxvnni")))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

enum { CHAINS = 4, MOST = 4, MOST_CHAINED = 2, HALF = VN_LINE / 2, AHEAD = 4096 };

#define ARGUMENTS const uint8_t *weight, int width, const uint8_t *rows, size_t step
#define TILE ARGUMENTS, int count, float *y, ptrdiff_t stride

/* Few rows take both halves of a line at once; more would not find registers for their sums, and read a tile twice, the second
 * time from the nearest cache. */
#define BOTH(n, function) \
    case n: function(n, 2, 0, weight, width, rows, step, y, stride); break
#define EACH(n, function) \
    case n: function(n, 1, 0, weight, width, rows, step, y, stride); function(n, 1, 1, weight, width, rows, step, y, stride); break

/* --- making rows ready --------------------------------------------------------------------------------------------- */

PLAIN static void ready_float32(const float *x, int in, uint8_t *row) { vn_ready_float32(x, in, row); }

PLAIN static void ready_bfloat16(const float *x, int in, uint8_t *row) { vn_ready_bfloat16_wide(x, in, row); }

PLAIN static void ready_slim(const float *x, int in, uint8_t *row) { vn_ready_slim_wide(x, in, row); }

PLAIN static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

PLAIN static void ready_int8_wide(const float *x, int in, uint8_t *row) { vn_ready_int8_wide(x, in, row); }

PLAIN static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

#include "floats_avx2.inc"
#include "wholes_avx2.inc"

/* --- what is chosen -------------------------------------------------------------------------------------------------- */

const vn_family vn_avxvnni = {
    .name = "avxvnni",
    .runs = vn_has_avxvnni,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4, ready_slim},
    .tile = {tile_float32, tile_bfloat16, tile_int8_dots, tile_int4_dots, tile_slim},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST, MOST_CHAINED},
};

const vn_family vn_avx2 = {
    .name = "avx2",
    .runs = vn_has_avx2,
    .ready = {ready_float32, ready_bfloat16, ready_int8_wide, ready_int4, ready_slim},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4, tile_slim},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST, MOST_CHAINED},
};
#else
typedef int vn_no_avx2;
#endif
