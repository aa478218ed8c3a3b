/* 512 bits: with dot products of 8 bits (VNNI), and of bfloat16 where there are any; and without. */
#if defined(__x86_64__)
#include "inner.h"
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

PLAIN static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

PLAIN static void ready_int8_wide(const float *x, int in, uint8_t *row) { vn_ready_int8_wide(x, in, row); }

PLAIN static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

/* --- sums in float32: line n adds to chain n % 4, and (0 + 1) + (2 + 3) ends them ------------------------------------- */

PLAIN INLINE void end_chains(const int R, __m512 sums[MOST_CHAINED][CHAINS], float *y, ptrdiff_t stride) {
    UNROLL for (int r = 0; r < R; r++)
        _mm512_storeu_ps(y + r * stride, _mm512_add_ps(_mm512_add_ps(sums[r][0], sums[r][1]), _mm512_add_ps(sums[r][2], sums[r][3])));
}

PLAIN INLINE void float32_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    __m512 sums[MOST_CHAINED][CHAINS];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = _mm512_setzero_ps();
    for (int line = 0; line < width; line += CHAINS, weight += CHAINS * VN_LINE) {
        UNROLL for (int c = 0; c < CHAINS; c++) {
            _mm_prefetch((const char *)weight + c * VN_LINE + AHEAD, _MM_HINT_T0);
            const __m512 w = _mm512_load_ps(weight + c * VN_LINE);
            UNROLL for (int r = 0; r < R; r++)
                sums[r][c] = _mm512_fmadd_ps(w, _mm512_set1_ps(((const float *)(rows + step * (size_t)r))[line + c]), sums[r][c]);
        }
    }
    end_chains(R, sums, y, stride);
}

PLAIN static void tile_float32(TILE) {
    switch (count) { UP_TO_4(float32_rows); }
}

PLAIN INLINE void bfloat16_rows(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    __m512 sums[MOST_CHAINED][CHAINS];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = _mm512_setzero_ps();
    for (int line = 0; line < width / 2; line += CHAINS, weight += CHAINS * VN_LINE) {
        UNROLL for (int c = 0; c < CHAINS; c++) {
            _mm_prefetch((const char *)weight + c * VN_LINE + AHEAD, _MM_HINT_T0);
            const __m512i w = _mm512_load_si512(weight + c * VN_LINE);
            const __m512 even = _mm512_castsi512_ps(_mm512_slli_epi32(w, 16));
            const __m512 odd = _mm512_castsi512_ps(_mm512_and_si512(w, _mm512_set1_epi32((int)0xffff0000)));
            UNROLL for (int r = 0; r < R; r++) {
                const float *x = (const float *)(rows + step * (size_t)r) + 2 * (line + c);
                sums[r][c] = _mm512_fmadd_ps(odd, _mm512_set1_ps(x[1]), sums[r][c]);
                sums[r][c] = _mm512_fmadd_ps(even, _mm512_set1_ps(x[0]), sums[r][c]);
            }
        }
    }
    end_chains(R, sums, y, stride);
}

PLAIN static void tile_bfloat16(TILE) {
    switch (count) { UP_TO_4(bfloat16_rows); }
}

BF16 INLINE void bfloat16_dots(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    __m512 sums[MOST_CHAINED][CHAINS];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < CHAINS; c++) sums[r][c] = _mm512_setzero_ps();
    for (int line = 0; line < width / 2; line += CHAINS, weight += CHAINS * VN_LINE) {
        UNROLL for (int c = 0; c < CHAINS; c++) {
            _mm_prefetch((const char *)weight + c * VN_LINE + AHEAD, _MM_HINT_T0);
            const __m512bh w = (__m512bh)_mm512_load_si512(weight + c * VN_LINE);
            UNROLL for (int r = 0; r < R; r++) {
                const vn_word *x = (const vn_word *)(rows + step * (size_t)r);
                sums[r][c] = _mm512_dpbf16_ps(sums[r][c], w, (__m512bh)_mm512_set1_epi32(x[line + c]));
            }
        }
    }
    end_chains(R, sums, y, stride);
}

BF16 static void tile_bfloat16_dots(TILE) {
    switch (count) { UP_TO_4(bfloat16_dots); }
}

/* --- whole numbers --------------------------------------------------------------------------------------------------- */

PLAIN INLINE void end_int8(__m512i sum, const vn_head *head, __m512 scales, float *y) {
    const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scales);
    _mm512_storeu_ps(y, _mm512_mul_ps(scaled, _mm512_set1_ps(head->scale)));
}

VNNI INLINE void int8_dots(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const int chains = R > 4 ? 1 : R > 2 ? 2 : 4; /* as many sums at once as hide the time that one takes */
    const __m512 scales = _mm512_load_ps(weight);
    __m512i sums[MOST][4];
    weight += VN_LINE;
    UNROLL for (int r = 0; r < R; r++) {
        sums[r][0] = _mm512_set1_epi32(((const vn_head *)(rows + step * (size_t)r))->bias);
        UNROLL for (int c = 1; c < chains; c++) sums[r][c] = _mm512_setzero_si512();
    }
    for (int line = 0; line < width / 4; line += 4, weight += 4 * VN_LINE) {
        UNROLL for (int c = 0; c < 4; c++) {
            _mm_prefetch((const char *)weight + c * VN_LINE + AHEAD, _MM_HINT_T0);
            const __m512i w = _mm512_load_si512(weight + c * VN_LINE);
            UNROLL for (int r = 0; r < R; r++) {
                const vn_word *x = (const vn_word *)(rows + step * (size_t)r + VN_HEAD);
                sums[r][c % chains] = _mm512_dpbusd_epi32(sums[r][c % chains], w, _mm512_set1_epi32(x[line + c]));
            }
        }
    }
    UNROLL for (int r = 0; r < R; r++) {
        UNROLL for (int c = 1; c < chains; c++) sums[r][0] = _mm512_add_epi32(sums[r][0], sums[r][c]);
        end_int8(sums[r][0], (const vn_head *)(rows + step * (size_t)r), scales, y + r * stride);
    }
}

VNNI static void tile_int8_dots(TILE) {
    switch (count) { UP_TO_8(int8_dots); }
}

PLAIN INLINE void int8_pairs(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const __m512 scales = _mm512_load_ps(weight);
    __m512i sums[MOST];
    weight += VN_LINE;
    UNROLL for (int r = 0; r < R; r++) sums[r] = _mm512_set1_epi32(((const vn_head *)(rows + step * (size_t)r))->bias);
    for (int line = 0; line < width / 4; line++, weight += VN_LINE) {
        _mm_prefetch((const char *)weight + AHEAD, _MM_HINT_T0);
        const __m512i w = _mm512_load_si512(weight);
        const __m512i even = _mm512_and_si512(w, _mm512_set1_epi16(255)), odd = _mm512_srli_epi16(w, 8);
        UNROLL for (int r = 0; r < R; r++) {
            const vn_word *x = (const vn_word *)(rows + step * (size_t)r + VN_HEAD) + 2 * line;
            const __m512i first = _mm512_madd_epi16(even, _mm512_set1_epi32(x[0])), second = _mm512_madd_epi16(odd, _mm512_set1_epi32(x[1]));
            sums[r] = _mm512_add_epi32(sums[r], _mm512_add_epi32(first, second));
        }
    }
    UNROLL for (int r = 0; r < R; r++) end_int8(sums[r], (const vn_head *)(rows + step * (size_t)r), scales, y + r * stride);
}

PLAIN static void tile_int8(TILE) {
    switch (count) { UP_TO_8(int8_pairs); }
}

/* The 16 scales of a block's first or second group. */
PLAIN INLINE __m512 group_scales(const uint8_t *block, int group) {
    const __m256i halves = _mm256_load_si256((const __m256i *)block + group);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

PLAIN INLINE __m512 add_group(__m512 total, __m512i sum, __m512 scales) {
    return _mm512_add_ps(total, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scales));
}

PLAIN INLINE void end_int4(const int R, const __m512 *totals, const uint8_t *rows, size_t step, float *y, ptrdiff_t stride) {
    UNROLL for (int r = 0; r < R; r++) {
        const vn_head *head = (const vn_head *)(rows + step * (size_t)r);
        _mm512_storeu_ps(y + r * stride, _mm512_mul_ps(totals[r], _mm512_set1_ps(head->scale)));
    }
}

VNNI INLINE void int4_dots(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const size_t numbers = VN_HEAD + vn_bias_bytes(width);
    const __m512i low = _mm512_set1_epi8(15), high = _mm512_set1_epi8((char)0xf0);
    __m512 totals[MOST];
    UNROLL for (int r = 0; r < R; r++) totals[r] = _mm512_setzero_ps();
    for (int group = 0; group < width / VN_GROUP; group += 2, weight += VN_BLOCK_BYTES) {
        _mm_prefetch((const char *)weight + AHEAD, _MM_HINT_T0);
        UNROLL for (int g = 0; g < 2; g++) {
            const uint8_t *lines = weight + VN_LINE + g * 4 * VN_LINE;
            __m512i lows[MOST], highs[MOST]; /* the high halves stay where they are: 16 times too much, until the end */
            UNROLL for (int r = 0; r < R; r++) {
                lows[r] = _mm512_set1_epi32(((const int32_t *)(rows + step * (size_t)r + VN_HEAD))[group + g]);
                highs[r] = _mm512_setzero_si512();
            }
            UNROLL for (int line = 0; line < 4; line++) {
                _mm_prefetch((const char *)lines + line * VN_LINE + AHEAD, _MM_HINT_T0);
                const __m512i both = _mm512_load_si512(lines + line * VN_LINE);
                const __m512i l = _mm512_and_si512(both, low), h = _mm512_and_si512(both, high);
                UNROLL for (int r = 0; r < R; r++) {
                    const vn_word *x = (const vn_word *)(rows + step * (size_t)r + numbers) + (group + g) * (VN_GROUP / 4) + 2 * line;
                    lows[r] = _mm512_dpbusd_epi32(lows[r], l, _mm512_set1_epi32(x[0]));
                    highs[r] = _mm512_dpbusd_epi32(highs[r], h, _mm512_set1_epi32(x[1]));
                }
            }
            const __m512 scales = group_scales(weight, g);
            UNROLL for (int r = 0; r < R; r++)
                totals[r] = add_group(totals[r], _mm512_add_epi32(lows[r], _mm512_srai_epi32(highs[r], 4)), scales);
        }
    }
    end_int4(R, totals, rows, step, y, stride);
}

VNNI static void tile_int4_dots(TILE) {
    switch (count) { UP_TO_8(int4_dots); }
}

PLAIN INLINE void int4_pairs(const int R, ARGUMENTS, float *y, ptrdiff_t stride) {
    const size_t numbers = VN_HEAD + vn_bias_bytes(width);
    const __m512i low = _mm512_set1_epi8(15), ones = _mm512_set1_epi16(1);
    __m512 totals[MOST];
    UNROLL for (int r = 0; r < R; r++) totals[r] = _mm512_setzero_ps();
    for (int group = 0; group < width / VN_GROUP; group += 2, weight += VN_BLOCK_BYTES) {
        _mm_prefetch((const char *)weight + AHEAD, _MM_HINT_T0);
        UNROLL for (int g = 0; g < 2; g++) {
            const uint8_t *lines = weight + VN_LINE + g * 4 * VN_LINE;
            __m512i sums[MOST]; /* in 16 bits: a group's 16 products of 15 x 127 fit */
            UNROLL for (int r = 0; r < R; r++) sums[r] = _mm512_setzero_si512();
            UNROLL for (int line = 0; line < 4; line++) {
                _mm_prefetch((const char *)lines + line * VN_LINE + AHEAD, _MM_HINT_T0);
                const __m512i both = _mm512_load_si512(lines + line * VN_LINE);
                const __m512i l = _mm512_and_si512(both, low), h = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
                UNROLL for (int r = 0; r < R; r++) {
                    const vn_word *x = (const vn_word *)(rows + step * (size_t)r + numbers) + (group + g) * (VN_GROUP / 4) + 2 * line;
                    sums[r] = _mm512_add_epi16(sums[r], _mm512_maddubs_epi16(l, _mm512_set1_epi32(x[0])));
                    sums[r] = _mm512_add_epi16(sums[r], _mm512_maddubs_epi16(h, _mm512_set1_epi32(x[1])));
                }
            }
            const __m512 scales = group_scales(weight, g);
            UNROLL for (int r = 0; r < R; r++) {
                const __m512i bias = _mm512_set1_epi32(((const int32_t *)(rows + step * (size_t)r + VN_HEAD))[group + g]);
                totals[r] = add_group(totals[r], _mm512_add_epi32(_mm512_madd_epi16(sums[r], ones), bias), scales);
            }
        }
    }
    end_int4(R, totals, rows, step, y, stride);
}

PLAIN static void tile_int4(TILE) {
    switch (count) { UP_TO_8(int4_pairs); }
}

/* --- what is chosen -------------------------------------------------------------------------------------------------- */

const vn_family vn_avx512bf16 = {
    .name = "avx512bf16",
    .runs = vn_has_avx512bf16,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4},
    .tile = {tile_float32, tile_bfloat16_dots, tile_int8_dots, tile_int4_dots},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST},
};

const vn_family vn_avx512vnni = {
    .name = "avx512vnni",
    .runs = vn_has_avx512vnni,
    .ready = {ready_float32, ready_bfloat16_wide, ready_int8, ready_int4},
    .tile = {tile_float32, tile_bfloat16, tile_int8_dots, tile_int4_dots},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST},
};

const vn_family vn_avx512 = {
    .name = "avx512",
    .runs = vn_has_avx512,
    .ready = {ready_float32, ready_bfloat16_wide, ready_int8_wide, ready_int4},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST},
};
#else
typedef int vn_no_avx512;
#endif
