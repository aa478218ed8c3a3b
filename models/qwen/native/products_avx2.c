/* 256 bits: with dot products of 8 bits (AVX-VNNI) and without. A tile is two halves of 8 outputs. */
#if defined(__x86_64__)
#include "inner.h"
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

PLAIN static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

PLAIN static void ready_int8_wide(const float *x, int in, uint8_t *row) { vn_ready_int8_wide(x, in, row); }

PLAIN static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

/* --- sums in float32: line n adds to chain n % 4, and (0 + 1) + (2 + 3) ends them ------------------------------------- */

PLAIN INLINE __m256i half_line(const uint8_t *weight, int line, int half) {
    _mm_prefetch((const char *)weight + line * VN_LINE + AHEAD, _MM_HINT_T0);
    return _mm256_load_si256((const __m256i *)(weight + line * VN_LINE) + half);
}

PLAIN INLINE void end_chains(const int R, const int H, int first, __m256 sums[MOST_CHAINED][2][CHAINS], float *y, ptrdiff_t stride) {
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) {
        const __m256 *s = sums[r][h];
        _mm256_storeu_ps(y + r * stride + 8 * (first + h), _mm256_add_ps(_mm256_add_ps(s[0], s[1]), _mm256_add_ps(s[2], s[3])));
    }
}

PLAIN INLINE void float32_rows(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    __m256 sums[MOST_CHAINED][2][CHAINS];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) UNROLL for (int c = 0; c < CHAINS; c++)
        sums[r][h][c] = _mm256_setzero_ps();
    for (int line = 0; line < width; line += CHAINS, weight += CHAINS * VN_LINE) {
        UNROLL for (int c = 0; c < CHAINS; c++) UNROLL for (int h = 0; h < H; h++) {
            const __m256 w = _mm256_castsi256_ps(half_line(weight, c, first + h));
            UNROLL for (int r = 0; r < R; r++) {
                const float *x = (const float *)(rows + step * (size_t)r);
                sums[r][h][c] = _mm256_fmadd_ps(w, _mm256_set1_ps(x[line + c]), sums[r][h][c]);
            }
        }
    }
    end_chains(R, H, first, sums, y, stride);
}

PLAIN static void tile_float32(TILE) {
    switch (count) {
        BOTH(1, float32_rows);
        EACH(2, float32_rows);
    }
}

PLAIN INLINE void bfloat16_rows(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    __m256 sums[MOST_CHAINED][2][CHAINS];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) UNROLL for (int c = 0; c < CHAINS; c++)
        sums[r][h][c] = _mm256_setzero_ps();
    for (int line = 0; line < width / 2; line += CHAINS, weight += CHAINS * VN_LINE) {
        UNROLL for (int c = 0; c < CHAINS; c++) UNROLL for (int h = 0; h < H; h++) {
            const __m256i w = half_line(weight, c, first + h);
            const __m256 even = _mm256_castsi256_ps(_mm256_slli_epi32(w, 16));
            const __m256 odd = _mm256_castsi256_ps(_mm256_and_si256(w, _mm256_set1_epi32((int)0xffff0000)));
            UNROLL for (int r = 0; r < R; r++) {
                const float *x = (const float *)(rows + step * (size_t)r) + 2 * (line + c);
                sums[r][h][c] = _mm256_fmadd_ps(odd, _mm256_set1_ps(x[1]), sums[r][h][c]);
                sums[r][h][c] = _mm256_fmadd_ps(even, _mm256_set1_ps(x[0]), sums[r][h][c]);
            }
        }
    }
    end_chains(R, H, first, sums, y, stride);
}

PLAIN static void tile_bfloat16(TILE) {
    switch (count) {
        BOTH(1, bfloat16_rows);
        EACH(2, bfloat16_rows);
    }
}

/* --- whole numbers --------------------------------------------------------------------------------------------------- */

PLAIN INLINE const vn_head *head_of(const uint8_t *rows, size_t step, int row) { return (const vn_head *)(rows + step * (size_t)row); }

PLAIN INLINE void end_int8(__m256i sum, const vn_head *head, const float *scales, float *y) {
    const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_load_ps(scales));
    _mm256_storeu_ps(y, _mm256_mul_ps(scaled, _mm256_set1_ps(head->scale)));
}

VNNI INLINE void int8_dots(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    const float *scales = (const float *)weight;
    const int chains = R > 2 ? 1 : 2;
    __m256i sums[MOST][2][2];
    weight += VN_LINE;
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) {
        sums[r][h][0] = _mm256_set1_epi32(head_of(rows, step, r)->bias);
        sums[r][h][1] = _mm256_setzero_si256();
    }
    for (int line = 0; line < width / 4; line += 4, weight += 4 * VN_LINE) {
        UNROLL for (int c = 0; c < 4; c++) UNROLL for (int h = 0; h < H; h++) {
            const __m256i w = half_line(weight, c, first + h);
            UNROLL for (int r = 0; r < R; r++) {
                const vn_word *x = (const vn_word *)(rows + step * (size_t)r + VN_HEAD);
                sums[r][h][c % chains] = _mm256_dpbusd_avx_epi32(sums[r][h][c % chains], w, _mm256_set1_epi32(x[line + c]));
            }
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) {
        const __m256i sum = _mm256_add_epi32(sums[r][h][0], sums[r][h][1]);
        end_int8(sum, head_of(rows, step, r), scales + 8 * (first + h), y + r * stride + 8 * (first + h));
    }
}

VNNI static void tile_int8_dots(TILE) {
    switch (count) {
        BOTH(1, int8_dots);
        BOTH(2, int8_dots);
        EACH(3, int8_dots);
        EACH(4, int8_dots);
    }
}

PLAIN INLINE void int8_pairs(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    const float *scales = (const float *)weight;
    __m256i sums[MOST][2];
    weight += VN_LINE;
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) sums[r][h] = _mm256_set1_epi32(head_of(rows, step, r)->bias);
    for (int line = 0; line < width / 4; line++, weight += VN_LINE) {
        UNROLL for (int h = 0; h < H; h++) {
            const __m256i w = half_line(weight, 0, first + h);
            const __m256i even = _mm256_and_si256(w, _mm256_set1_epi16(255)), odd = _mm256_srli_epi16(w, 8);
            UNROLL for (int r = 0; r < R; r++) {
                const vn_word *x = (const vn_word *)(rows + step * (size_t)r + VN_HEAD) + 2 * line;
                const __m256i here = _mm256_madd_epi16(even, _mm256_set1_epi32(x[0]));
                const __m256i there = _mm256_madd_epi16(odd, _mm256_set1_epi32(x[1]));
                sums[r][h] = _mm256_add_epi32(sums[r][h], _mm256_add_epi32(here, there));
            }
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++)
        end_int8(sums[r][h], head_of(rows, step, r), scales + 8 * (first + h), y + r * stride + 8 * (first + h));
}

PLAIN static void tile_int8(TILE) {
    switch (count) {
        BOTH(1, int8_pairs);
        BOTH(2, int8_pairs);
        EACH(3, int8_pairs);
        EACH(4, int8_pairs);
    }
}

/* 8 of the 16 scales of a block's first or second group. */
PLAIN INLINE __m256 group_scales(const uint8_t *block, int group, int half) {
    const __m128i halves = _mm_load_si128((const __m128i *)block + 2 * group + half);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

PLAIN INLINE __m256 add_group(__m256 total, __m256i sum, __m256 scales) {
    return _mm256_add_ps(total, _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scales));
}

PLAIN INLINE void end_int4(const int R, const int H, int first, __m256 totals[MOST][2], const uint8_t *rows, size_t step, float *y,
                           ptrdiff_t stride) {
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) {
        const __m256 scale = _mm256_set1_ps(head_of(rows, step, r)->scale);
        _mm256_storeu_ps(y + r * stride + 8 * (first + h), _mm256_mul_ps(totals[r][h], scale));
    }
}

VNNI INLINE void int4_dots(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    const size_t numbers = VN_HEAD + vn_bias_bytes(width);
    const __m256i low = _mm256_set1_epi8(15);
    __m256 totals[MOST][2];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) totals[r][h] = _mm256_setzero_ps();
    for (int group = 0; group < width / VN_GROUP; group += 2, weight += VN_BLOCK_BYTES) {
        UNROLL for (int g = 0; g < 2; g++) {
            const uint8_t *lines = weight + VN_LINE + g * 4 * VN_LINE;
            __m256i sums[MOST][2];
            UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++)
                sums[r][h] = _mm256_set1_epi32(((const int32_t *)(rows + step * (size_t)r + VN_HEAD))[group + g]);
            UNROLL for (int line = 0; line < 4; line++) UNROLL for (int h = 0; h < H; h++) {
                const __m256i both = half_line(lines, line, first + h);
                const __m256i l = _mm256_and_si256(both, low), u = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
                UNROLL for (int r = 0; r < R; r++) {
                    const vn_word *x = (const vn_word *)(rows + step * (size_t)r + numbers) + (group + g) * (VN_GROUP / 4) + 2 * line;
                    sums[r][h] = _mm256_dpbusd_avx_epi32(sums[r][h], l, _mm256_set1_epi32(x[0]));
                    sums[r][h] = _mm256_dpbusd_avx_epi32(sums[r][h], u, _mm256_set1_epi32(x[1]));
                }
            }
            UNROLL for (int h = 0; h < H; h++) {
                const __m256 scales = group_scales(weight, g, first + h);
                UNROLL for (int r = 0; r < R; r++) totals[r][h] = add_group(totals[r][h], sums[r][h], scales);
            }
        }
    }
    end_int4(R, H, first, totals, rows, step, y, stride);
}

VNNI static void tile_int4_dots(TILE) {
    switch (count) {
        BOTH(1, int4_dots);
        BOTH(2, int4_dots);
        EACH(3, int4_dots);
        EACH(4, int4_dots);
    }
}

PLAIN INLINE void int4_pairs(const int R, const int H, int first, ARGUMENTS, float *y, ptrdiff_t stride) {
    const size_t numbers = VN_HEAD + vn_bias_bytes(width);
    const __m256i low = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    __m256 totals[MOST][2];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) totals[r][h] = _mm256_setzero_ps();
    for (int group = 0; group < width / VN_GROUP; group += 2, weight += VN_BLOCK_BYTES) {
        UNROLL for (int g = 0; g < 2; g++) {
            const uint8_t *lines = weight + VN_LINE + g * 4 * VN_LINE;
            __m256i sums[MOST][2]; /* in 16 bits: a group's 16 products of 15 x 127 fit */
            UNROLL for (int r = 0; r < R; r++) UNROLL for (int h = 0; h < H; h++) sums[r][h] = _mm256_setzero_si256();
            UNROLL for (int line = 0; line < 4; line++) UNROLL for (int h = 0; h < H; h++) {
                const __m256i both = half_line(lines, line, first + h);
                const __m256i l = _mm256_and_si256(both, low), u = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
                UNROLL for (int r = 0; r < R; r++) {
                    const vn_word *x = (const vn_word *)(rows + step * (size_t)r + numbers) + (group + g) * (VN_GROUP / 4) + 2 * line;
                    sums[r][h] = _mm256_add_epi16(sums[r][h], _mm256_maddubs_epi16(l, _mm256_set1_epi32(x[0])));
                    sums[r][h] = _mm256_add_epi16(sums[r][h], _mm256_maddubs_epi16(u, _mm256_set1_epi32(x[1])));
                }
            }
            UNROLL for (int h = 0; h < H; h++) {
                const __m256 scales = group_scales(weight, g, first + h);
                UNROLL for (int r = 0; r < R; r++) {
                    const __m256i bias = _mm256_set1_epi32(((const int32_t *)(rows + step * (size_t)r + VN_HEAD))[group + g]);
                    totals[r][h] = add_group(totals[r][h], _mm256_add_epi32(_mm256_madd_epi16(sums[r][h], ones), bias), scales);
                }
            }
        }
    }
    end_int4(R, H, first, totals, rows, step, y, stride);
}

PLAIN static void tile_int4(TILE) {
    switch (count) {
        BOTH(1, int4_pairs);
        BOTH(2, int4_pairs);
        EACH(3, int4_pairs);
        EACH(4, int4_pairs);
    }
}

/* --- what is chosen -------------------------------------------------------------------------------------------------- */

const vn_family vn_avxvnni = {
    .name = "avxvnni",
    .runs = vn_has_avxvnni,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4},
    .tile = {tile_float32, tile_bfloat16, tile_int8_dots, tile_int4_dots},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST},
};

const vn_family vn_avx2 = {
    .name = "avx2",
    .runs = vn_has_avx2,
    .ready = {ready_float32, ready_bfloat16, ready_int8_wide, ready_int4},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4},
    .most = {MOST_CHAINED, MOST_CHAINED, MOST, MOST},
};
#else
typedef int vn_no_avx2;
#endif
