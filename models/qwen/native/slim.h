/* Slim: bfloat16 in 12 bits.
 *
 * Of bfloat16's 16 bits the exponent has 8, and nearly all numbers of a row have one of 15 exponents in a row: 4 bits say
 * which (1 to 15; 0 is zero), so that 12 are enough. A number is multiplied as it would be with those 4 bits for its exponent,
 * which is too small by the same power of two for a whole output; the row is too large by 2^64, to be in the middle between what
 * is too large and what is too small; and the output's scale puts both right, without rounding.
 *
 * The words of lines 0 to 2 hold those 12 bits where bfloat16 has them: 15, 10 to 7, 6 to 0. Bits 14 to 11, which are zero then,
 * have a number of line 3 between them: its exponent is in line 1, the higher half of its fraction in line 2, the rest and (in
 * front) its sign in line 0.
 *
 * What has another exponent is zero there, and is added at the end: a patch. */
#ifndef VOICED_NATIVE_SLIM_H
#define VOICED_NATIVE_SLIM_H

#include "inner.h"

typedef struct {
    uint32_t place; /* 16 * input + output; of the first, how many follow */
    float value;
} vn_patch;

enum {
    VN_SLIM_BITS = 0x87ff,
    VN_SLIM_CODE = 0x0780, /* where the exponent is */
    VN_SLIM_HIGH = 0x0078, /* the higher half of the fraction */
    VN_SLIM_LOW = 0x0007,
    VN_SLIM_SIGN = 0x8000,
    VN_SLIM_CODES = 15,
    /* A scale is 2 to the largest exponent, less this; beyond the other it would not be finite. */
    VN_SLIM_OFF = 15 + 64,
    VN_SLIM_MOST = 206,
};
#define VN_SLIM_UP 0x1p64f

VN_INLINE size_t vn_patches_at(int width) { return VN_LINE + (size_t)width / 8 * 3 * VN_LINE; }

/* The lines of bfloat16 that three hold, `words` of each. */
VN_INLINE void vn_four_lines(const uint16_t *three, int words, uint16_t *four) {
    for (int i = 0; i < words; i++) {
        const uint16_t a = three[i], b = three[VN_LINE / 2 + i], c = three[VN_LINE + i];
        four[i] = a & VN_SLIM_BITS, four[words + i] = b & VN_SLIM_BITS, four[2 * words + i] = c & VN_SLIM_BITS;
        four[3 * words + i] = (uint16_t)((a << 1 & VN_SLIM_SIGN) | (b >> 4 & VN_SLIM_CODE) | (c >> 8 & VN_SLIM_HIGH) | (a >> 11 & VN_SLIM_LOW));
    }
}

VN_INLINE void vn_ready_slim(const float *x, int in, uint8_t *row) {
    uint16_t *half = (uint16_t *)row;
    for (int k = 0; k < in; k++) half[k] = vn_narrow(x[k] * VN_SLIM_UP);
    memset(half + in, 0, (size_t)(vn_width(VN_SLIM, in) - in) * 2);
}

VN_INLINE void vn_ready_slim_wide(const float *x, int in, uint8_t *row) {
    float *wide = (float *)row;
    for (int k = 0; k < in; k++) wide[k] = vn_widen(vn_narrow(x[k] * VN_SLIM_UP));
    memset(wide + in, 0, (size_t)(vn_width(VN_SLIM, in) - in) * 4);
}

/* Add a tile's patches to what was multiplied, of rows that were made ready (`wide`: in 32 bits). */
VN_INLINE void vn_mend(const uint8_t *tile, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride, int wide) {
    const vn_patch *patch = (const vn_patch *)(tile + vn_patches_at(width));
    for (uint32_t left = patch->place; left; left--) {
        const uint32_t place = (++patch)->place;
        for (int r = 0; r < count; r++) {
            const uint8_t *row = rows + step * (size_t)r;
            const float x = wide ? ((const float *)row)[place / VN_TILE] : vn_widen(((const uint16_t *)row)[place / VN_TILE]);
            y[r * stride + place % VN_TILE] += patch->value * (x * (1 / VN_SLIM_UP)); /* exact, as all products here */
        }
    }
}

#endif
