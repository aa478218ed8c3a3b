/* 128 bits of ARM with dot products of 8 bits. Compiled for, and run under an emulator at best: no such machine was at hand. */
#if defined(__aarch64__)
#include "slim.h"

#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

#define DOT __attribute__((target("arch=armv8.2-a+dotprod")))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

enum { CHAINS = 4, MOST_INT8 = 4, MOST_INT4 = 2, MOST_CHAINED = 4, QUARTER = 4 };

#define ARGUMENTS const uint8_t *weight, int width, const uint8_t *rows, size_t step
#define TILE ARGUMENTS, int count, float *y, ptrdiff_t stride
#define CASE(n, function) \
    case n: function(n, weight, width, rows, step, y, stride); break
#define UP_TO_2(function) CASE(1, function); CASE(2, function)
#define UP_TO_4(function) UP_TO_2(function); CASE(3, function); CASE(4, function)

static int runs(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) >> 20 & 1) != 0; /* asimddp */
#else
    return 1; /* every other system of this kind is Apple's, whose processors all have them */
#endif
}

static void ready_float32(const float *x, int in, uint8_t *row) { vn_ready_float32(x, in, row); }

static void ready_bfloat16(const float *x, int in, uint8_t *row) { vn_ready_bfloat16_wide(x, in, row); }

static void ready_slim(const float *x, int in, uint8_t *row) { vn_ready_slim_wide(x, in, row); }

static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

/* --- sums in float32: line n adds to chain n % 4, and (0 + 1) + (2 + 3) ends them; 4 outputs at a time ---------------- */

INLINE void end_chains(const int R, float32x4_t sums[MOST_CHAINED][CHAINS], float *y, ptrdiff_t stride) {
    UNROLL for (int r = 0; r < R; r++)
        vst1q_f32(y + r * stride, vaddq_f32(vaddq_f32(sums[r][0], sums[r][1]), vaddq_f32(sums[r][2], sums[r][3])));
}

INLINE void float32_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    for (int quarter = 0; quarter < VN_TILE; quarter += QUARTER) {
        const float *w = (const float *)weight + quarter;
        float32x4_t sums[MOST_CHAINED][CHAINS];
        UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = vdupq_n_f32(0);
        for (int line = 0; line < width; line += CHAINS, w += CHAINS * VN_TILE)
            UNROLL for (int c = 0; c < CHAINS; c++) UNROLL for (int r = 0; r < R; r++) {
                const float *x = (const float *)(rows + step * (size_t)r);
                sums[r][c] = vfmaq_n_f32(sums[r][c], vld1q_f32(w + c * VN_TILE), x[line + c]);
            }
        end_chains(R, sums, y + quarter, stride);
    }
}

static void tile_float32(TILE) {
    switch (count) { UP_TO_4(float32_rows); }
}

/* Two inputs of 4 outputs, times those of every row. */
INLINE void add_pairs(const int R, const uint8_t *rows, size_t step, int line, uint16x8_t w, int c, float32x4_t sums[MOST_CHAINED][CHAINS]) {
    const uint32x4_t pairs = vreinterpretq_u32_u16(w);
    const float32x4_t even = vreinterpretq_f32_u32(vshlq_n_u32(pairs, 16));
    const float32x4_t odd = vreinterpretq_f32_u32(vandq_u32(pairs, vdupq_n_u32(0xffff0000)));
    UNROLL for (int r = 0; r < R; r++) {
        const float *x = (const float *)(rows + step * (size_t)r) + 2 * line;
        sums[r][c] = vfmaq_n_f32(sums[r][c], odd, x[1]);
        sums[r][c] = vfmaq_n_f32(sums[r][c], even, x[0]);
    }
}

INLINE void bfloat16_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    for (int quarter = 0; quarter < VN_TILE; quarter += QUARTER) {
        const uint16_t *w = (const uint16_t *)weight + 2 * quarter;
        float32x4_t sums[MOST_CHAINED][CHAINS];
        UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = vdupq_n_f32(0);
        for (int line = 0; line < width / 2; line += CHAINS, w += CHAINS * 2 * VN_TILE)
            UNROLL for (int c = 0; c < CHAINS; c++) add_pairs(R, rows, step, line + c, vld1q_u16(w + c * 2 * VN_TILE), c, sums);
        end_chains(R, sums, y + quarter, stride);
    }
}

static void tile_bfloat16(TILE) {
    switch (count) { UP_TO_4(bfloat16_rows); }
}

/* Quarters of three lines of a slim weight to those of the four of bfloat16 that they hold. */
INLINE void four_lines(const uint16_t *w, uint16x8_t lines[4]) {
    UNROLL for (int c = 0; c < 3; c++) lines[c] = vld1q_u16(w + c * 2 * VN_TILE);
    const uint16x8_t sign = vandq_u16(vshlq_n_u16(lines[0], 1), vdupq_n_u16(VN_SLIM_SIGN));
    const uint16x8_t code = vandq_u16(vshrq_n_u16(lines[1], 4), vdupq_n_u16(VN_SLIM_CODE));
    const uint16x8_t high = vandq_u16(vshrq_n_u16(lines[2], 8), vdupq_n_u16(VN_SLIM_HIGH));
    const uint16x8_t low = vandq_u16(vshrq_n_u16(lines[0], 11), vdupq_n_u16(VN_SLIM_LOW));
    lines[3] = vorrq_u16(vorrq_u16(sign, code), vorrq_u16(high, low));
    UNROLL for (int c = 0; c < 3; c++) lines[c] = vandq_u16(lines[c], vdupq_n_u16(VN_SLIM_BITS));
}

INLINE void slim_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    for (int quarter = 0; quarter < VN_TILE; quarter += QUARTER) {
        const uint16_t *w = (const uint16_t *)(weight + VN_LINE) + 2 * quarter;
        float32x4_t sums[MOST_CHAINED][CHAINS];
        UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = vdupq_n_f32(0);
        for (int line = 0; line < width / 2; line += CHAINS, w += 3 * 2 * VN_TILE) {
            uint16x8_t lines[4];
            four_lines(w, lines);
            UNROLL for (int c = 0; c < CHAINS; c++) add_pairs(R, rows, step, line + c, lines[c], c, sums);
        }
        end_chains(R, sums, y + quarter, stride);
        UNROLL for (int r = 0; r < R; r++) {
            float *at = y + r * stride + quarter;
            vst1q_f32(at, vmulq_f32(vld1q_f32(at), vld1q_f32((const float *)weight + quarter)));
        }
    }
}

static void tile_slim(TILE) {
    switch (count) { UP_TO_4(slim_rows); }
    vn_mend(weight, width, rows, step, count, y, stride, 1);
}

/* --- whole numbers: a line is 4 x 4 outputs --------------------------------------------------------------------------- */

INLINE const vn_head *head_of(const uint8_t *rows, size_t step, int row) { return (const vn_head *)(rows + step * (size_t)row); }

DOT INLINE int8x16_t inputs_at(const int8_t *x) { return vreinterpretq_s8_s32(vdupq_n_s32(*(const vn_word *)(const void *)x)); }

DOT INLINE void int8_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const float *scales = (const float *)weight;
    int32x4_t sums[MOST_INT8][4];
    weight += VN_LINE;
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int q = 0; q < 4; q++) sums[r][q] = vdupq_n_s32(0);
    for (int k = 0; k < width; k += 4, weight += VN_LINE) {
        int8x16_t w[4];
        UNROLL for (int q = 0; q < 4; q++) /* 128 + q to q */
            w[q] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(weight + 16 * q), vdupq_n_u8(128)));
        UNROLL for (int r = 0; r < R; r++) {
            const int8x16_t x = inputs_at((const int8_t *)rows + step * (size_t)r + VN_HEAD + k);
            UNROLL for (int q = 0; q < 4; q++) sums[r][q] = vdotq_s32(sums[r][q], w[q], x);
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int q = 0; q < 4; q++) {
        const float32x4_t scaled = vmulq_f32(vcvtq_f32_s32(sums[r][q]), vld1q_f32(scales + 4 * q));
        vst1q_f32(y + r * stride + 4 * q, vmulq_n_f32(scaled, head_of(rows, step, r)->scale));
    }
}

DOT static void tile_int8(TILE) {
    switch (count) { UP_TO_4(int8_rows); }
}

DOT INLINE void int4_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const size_t numbers = VN_HEAD + vn_bias_bytes(width);
    float32x4_t totals[MOST_INT4][4];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int q = 0; q < 4; q++) totals[r][q] = vdupq_n_f32(0);
    for (int group = 0; group < width / VN_GROUP; group++) {
        const uint8_t *block = weight + (size_t)(group / 2) * VN_BLOCK_BYTES, *lines = block + VN_LINE + group % 2 * 4 * VN_LINE;
        int32x4_t sums[MOST_INT4][4];
        UNROLL for (int r = 0; r < R; r++) UNROLL for (int q = 0; q < 4; q++)
            sums[r][q] = vdupq_n_s32(((const int32_t *)(rows + step * (size_t)r + VN_HEAD))[group]);
        UNROLL for (int line = 0; line < 4; line++) UNROLL for (int q = 0; q < 4; q++) {
            const uint8x16_t both = vld1q_u8(lines + line * VN_LINE + 16 * q);
            const int8x16_t low = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15))), high = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
            UNROLL for (int r = 0; r < R; r++) {
                const int8_t *x = (const int8_t *)rows + step * (size_t)r + numbers + group * VN_GROUP + 8 * line;
                sums[r][q] = vdotq_s32(vdotq_s32(sums[r][q], low, inputs_at(x)), high, inputs_at(x + 4));
            }
        }
        UNROLL for (int q = 0; q < 4; q++) {
            const uint16x4_t halves = vld1_u16((const uint16_t *)block + group % 2 * VN_TILE + 4 * q);
            const float32x4_t scales = vreinterpretq_f32_u32(vshll_n_u16(halves, 16));
            UNROLL for (int r = 0; r < R; r++) totals[r][q] = vaddq_f32(totals[r][q], vmulq_f32(vcvtq_f32_s32(sums[r][q]), scales));
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int q = 0; q < 4; q++)
        vst1q_f32(y + r * stride + 4 * q, vmulq_n_f32(totals[r][q], head_of(rows, step, r)->scale));
}

DOT static void tile_int4(TILE) {
    switch (count) { UP_TO_2(int4_rows); }
}

const vn_family vn_neon = {
    .name = "neon",
    .runs = runs,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4, ready_slim},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4, tile_slim},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST_INT8, MOST_INT4, MOST_CHAINED},
};
#else
typedef int vn_no_neon;
#endif
