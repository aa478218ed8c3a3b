/* 512 bits: with dot products of 8 bits (VNNI), and of bfloat16 where there are any; and without. */
#if defined(__x86_64__)
#include "slim.h"
#include "x86.h"

#include <immintrin.h>

#define PLAIN __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))
#define VNNI __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define BF16 __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

enum { CHAINS = 4, MOST = 8, MOST_CHAINED = 4 };

/* How far ahead weights are asked for: farther than the processor looks by itself, which ends at every page. */
enum { AHEAD = 4096 };

#define ARGUMENTS const uint8_t *weight, int width, const uint8_t *rows, size_t step
#define TILE ARGUMENTS, int count, float *y, ptrdiff_t stride
#define CASE(n, function) \
    case n: function(n, weight, width, rows, step, y, stride); break
#define UP_TO_4(function) CASE(1, function); CASE(2, function); CASE(3, function); CASE(4, function)
#define UP_TO_8(function) UP_TO_4(function); CASE(5, function); CASE(6, function); CASE(7, function); CASE(8, function)

/* --- making rows ready --------------------------------------------------------------------------------------------- */

PLAIN static void ready_float32(const float *x, int in, uint8_t *row) { vn_ready_float32(x, in, row); }

PLAIN static void ready_bfloat16(const float *x, int in, uint8_t *row) { vn_ready_bfloat16(x, in, row); }

PLAIN static void ready_bfloat16_wide(const float *x, int in, uint8_t *row) { vn_ready_bfloat16_wide(x, in, row); }

PLAIN static void ready_slim(const float *x, int in, uint8_t *row) { vn_ready_slim(x, in, row); }

PLAIN static void ready_slim_wide(const float *x, int in, uint8_t *row) { vn_ready_slim_wide(x, in, row); }

PLAIN static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

PLAIN static void ready_int8_wide(const float *x, int in, uint8_t *row) { vn_ready_int8_wide(x, in, row); }

PLAIN static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

#include "floats_avx512.inc"
#include "wholes_avx512.inc"

/* --- what is chosen -------------------------------------------------------------------------------------------------- */

const vn_family vn_avx512bf16 = {
    .name = "avx512bf16",
    .runs = vn_has_avx512bf16,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4, ready_slim},
    .tile = {tile_float32, tile_bfloat16_dots, tile_int8_dots, tile_int4_dots, tile_slim_dots},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST, MOST_CHAINED},
};

const vn_family vn_avx512vnni = {
    .name = "avx512vnni",
    .runs = vn_has_avx512vnni,
    .ready = {ready_float32, ready_bfloat16_wide, ready_int8, ready_int4, ready_slim_wide},
    .tile = {tile_float32, tile_bfloat16, tile_int8_dots, tile_int4_dots, tile_slim},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST, MOST_CHAINED},
};

const vn_family vn_avx512 = {
    .name = "avx512",
    .runs = vn_has_avx512,
    .ready = {ready_float32, ready_bfloat16_wide, ready_int8_wide, ready_int4, ready_slim_wide},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4, tile_slim},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST, MOST_CHAINED},
};
#else
typedef int vn_no_avx512;
#endif
