/* What the processor families share: how weights and rows lie in memory, and the ways to make rows ready.
 *
 * A weight is a sequence of tiles of 16 outputs; within one, a line of 64 bytes holds the same few inputs of all 16:
 *
 *   float32   1 input  a line
 *   bfloat16  2 inputs a line
 *   slim      a line of 16 scales, then for each 8 inputs 3 lines that hold 4 of bfloat16's, then patches (slim.h)
 *   int8      a line of 16 scales (times 1/127, which is a row's step), then 4 inputs a line, each as 128 + q
 *   int4      for each 64 inputs a line of 2 x 16 scales in bfloat16, then 8 lines; of a line's 8 inputs 4 are in the low
 *             halves of the bytes, 4 in the high ones, each as 8 + q
 *
 * Inputs are padded with zeros to whole lines, and lines to a whole number of steps. A row that is made ready is padded too.
 */
#ifndef VOICED_NATIVE_INNER_H
#define VOICED_NATIVE_INNER_H

#include "native.h"

#include <string.h>

#define VN_INLINE static inline __attribute__((always_inline))

enum {
    VN_LINE = 64,     /* bytes of a cache line, and of a line of weights */
    VN_GROUP = 32,    /* inputs that share a scale in int4 */
    VN_BLOCK = 64,    /* inputs in two groups, whose scales fill a line */
    VN_BLOCK_BYTES = 9 * VN_LINE,
    VN_HEAD = 64,     /* bytes before a row's numbers */
    VN_MOST_IN = 1 << 17,  /* more inputs of 127 x 127 would not fit in 32 bits */
    VN_MOST_OUT = 1 << 24, /* more than any vocabulary */
};

/* A product with a quantised row is its whole number times this. */
#define VN_STEP (1.0f / 127)
/* What keeps an all-zero row or weight from being divided by zero. */
#define VN_TINY 1e-30f

enum { VN_OK = 0, VN_BAD_SHAPE, VN_BAD_KIND, VN_BAD_POINTER, VN_NO_PATH }; /* and VN_NOT_SLIM */

/* Four bytes of a row, whatever was written there. */
typedef int32_t __attribute__((may_alias)) vn_word;

/* What stands before a quantised row. */
typedef struct {
    float scale;
    int32_t bias; /* int8: what 128 in every weight has added, to be taken off */
} vn_head;

/* A way to multiply. */
typedef struct {
    const char *name;
    int (*runs)(void);
    /* Make one row ready. */
    void (*ready[VN_KINDS])(const float *x, int in, uint8_t *row);
    /* y [rows, 16] = up to `most` rows, `step` bytes apart, times one tile of `width` inputs (padded). */
    void (*tile[VN_KINDS])(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride);
    int most[VN_KINDS];
} vn_family;

extern const vn_family vn_avx512bf16, vn_avx512vnni, vn_avx512, vn_avxvnni, vn_avx2, vn_neon, vn_portable;

/* The way that is used now (cpu.c). */
const vn_family *vn_family_now(void);

VN_INLINE int vn_up(int n, int to) { return (n + to - 1) / to * to; }

/* Inputs with their padding. */
VN_INLINE int vn_width(int kind, int in) {
    static const uint8_t step[VN_KINDS] = {4, 8, 16, VN_BLOCK, 8};
    return vn_up(in, step[kind]);
}

/* Bytes of a slim tile's patches, 8 each, and their number in front: one for each output, and one for each 1024 numbers besides. */
VN_INLINE size_t vn_patch_bytes(size_t width) { return ((1 + VN_TILE + width / 64) * 8 + VN_LINE - 1) / VN_LINE * VN_LINE; }

VN_INLINE size_t vn_tile_bytes(int kind, int in) {
    const size_t width = (size_t)vn_width(kind, in);
    switch (kind) {
    case VN_FLOAT32: return width * VN_TILE * 4;
    case VN_BFLOAT16: return width * VN_TILE * 2;
    case VN_INT8: return width * VN_TILE + VN_LINE;
    case VN_SLIM: return VN_LINE + width / 8 * 3 * VN_LINE + vn_patch_bytes(width);
    default: return width / VN_BLOCK * VN_BLOCK_BYTES;
    }
}

VN_INLINE int vn_possible(int kind, int in) { return kind >= 0 && kind < VN_KINDS && in > 0 && in <= VN_MOST_IN; }

/* Bytes of an int4 row's biases, one a group. */
VN_INLINE size_t vn_bias_bytes(int width) { return (size_t)vn_up(width / VN_GROUP * 4, VN_LINE); }

VN_INLINE float vn_float(uint32_t bits) {
    float number;
    memcpy(&number, &bits, 4);
    return number;
}

VN_INLINE uint32_t vn_bits(float number) {
    uint32_t bits;
    memcpy(&bits, &number, 4);
    return bits;
}

VN_INLINE float vn_widen(uint16_t half) { return vn_float((uint32_t)half << 16); }

/* To the nearest bfloat16, even where there are two; NaN stays one. */
VN_INLINE uint16_t vn_narrow(float number) {
    const uint32_t bits = vn_bits(number);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* To the nearest whole number, even where there are two, of |number| < 2^22: what is too small to be kept beside 1.5 * 2^23
 * is rounded away. */
VN_INLINE float vn_round(float number) { return (number + 12582912.0f) - 12582912.0f; }

/* --- making rows ready: bodies that each family compiles for its own instructions ------------------------------------ */

/* The bits of the largest magnitude; from 0x7f800000 on there is a NaN or an infinity. */
VN_INLINE int32_t vn_peak(const float *x, int in) {
    int32_t peak = 0;
    for (int k = 0; k < in; k++) {
        const int32_t bits = (int32_t)(vn_bits(x[k]) & 0x7fffffff);
        peak = bits > peak ? bits : peak;
    }
    return peak;
}

/* The largest magnitude, what a row is divided by; NaN for a row that cannot be quantised. */
VN_INLINE float vn_scale(const float *x, int in) {
    const int32_t peak = vn_peak(x, in);
    if (peak >= 0x7f800000) return vn_float(0x7fc00000);
    const float scale = vn_float((uint32_t)peak);
    return scale > VN_TINY ? scale : VN_TINY;
}

/* x / scale in steps of 1/127, zeros where the scale is NaN. */
VN_INLINE void vn_quantise(const float *x, int in, int width, float scale, int8_t *q) {
    if (scale != scale) {
        memset(q, 0, (size_t)width);
        return;
    }
    for (int k = 0; k < in; k++) q[k] = (int8_t)(int32_t)vn_round(x[k] / scale * 127.0f);
    memset(q + in, 0, (size_t)(width - in));
}

VN_INLINE int32_t vn_total(const int8_t *q, int count) {
    int32_t total = 0;
    for (int k = 0; k < count; k++) total += q[k];
    return total;
}

VN_INLINE void vn_ready_int8(const float *x, int in, uint8_t *row) {
    const int width = vn_width(VN_INT8, in);
    int8_t *q = (int8_t *)(row + VN_HEAD);
    const float scale = vn_scale(x, in);
    vn_quantise(x, in, width, scale, q);
    const vn_head head = {scale, -128 * vn_total(q, width)};
    memcpy(row, &head, sizeof head);
}

/* The same in 16 bits, of every 4 inputs first 0 and 2, then 1 and 3: for processors that multiply pairs of those. */
VN_INLINE void vn_ready_int8_wide(const float *x, int in, uint8_t *row) {
    const int width = vn_width(VN_INT8, in);
    int8_t *q = (int8_t *)(row + VN_HEAD + width); /* read before it is written over: its bytes lie behind */
    int16_t *wide = (int16_t *)(row + VN_HEAD);
    vn_ready_int8(x, in, row);
    memcpy(q, row + VN_HEAD, (unsigned)width);
    for (int k = 0; k < width; k += 4) {
        const int8_t four[4] = {q[k], q[k + 1], q[k + 2], q[k + 3]};
        wide[k] = four[0], wide[k + 1] = four[2], wide[k + 2] = four[1], wide[k + 3] = four[3];
    }
}

VN_INLINE void vn_ready_int4(const float *x, int in, uint8_t *row) {
    const int width = vn_width(VN_INT4, in);
    int32_t *bias = (int32_t *)(row + VN_HEAD);
    int8_t *q = (int8_t *)(row + VN_HEAD + vn_bias_bytes(width));
    const float scale = vn_scale(x, in);
    vn_quantise(x, in, width, scale, q);
    for (int k = 0; k < width; k += VN_GROUP) bias[k / VN_GROUP] = -8 * vn_total(q + k, VN_GROUP);
    const vn_head head = {scale * VN_STEP, 0};
    memcpy(row, &head, sizeof head);
}

VN_INLINE void vn_ready_bfloat16(const float *x, int in, uint8_t *row) {
    uint16_t *half = (uint16_t *)row;
    for (int k = 0; k < in; k++) half[k] = vn_narrow(x[k]);
    memset(half + in, 0, (size_t)(vn_width(VN_BFLOAT16, in) - in) * 2);
}

/* Rounded to bfloat16 and kept in 32 bits: for processors that multiply no other. */
VN_INLINE void vn_ready_bfloat16_wide(const float *x, int in, uint8_t *row) {
    float *wide = (float *)row;
    for (int k = 0; k < in; k++) wide[k] = vn_widen(vn_narrow(x[k]));
    memset(wide + in, 0, (size_t)(vn_width(VN_BFLOAT16, in) - in) * 4);
}

VN_INLINE void vn_ready_float32(const float *x, int in, uint8_t *row) {
    memcpy(row, x, (size_t)in * 4);
    memset(row + (size_t)in * 4, 0, (size_t)(vn_width(VN_FLOAT32, in) - in) * 4);
}

#endif
