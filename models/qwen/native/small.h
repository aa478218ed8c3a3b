/* The small operations between the products of a layer, one set a processor family. */
#ifndef VOICED_SMALL_H
#define VOICED_SMALL_H

#include "native.h"

/* All widths are multiples of VN_TILE. */
typedef struct {
    /* y = x brought to a root mean square of one, times the gains. */
    void (*norm)(int width, const float *x, const float *gains, float eps, float *y);
    /* Normalise one head and turn it by its position, in place; `room` holds 2 * width floats. */
    void (*turn)(int width, float *head, const float *gains, float eps, const float *cosines, const float *sines, float *room);
    /* y += x */
    void (*add)(int width, const float *x, float *y);
    /* Of tiles of 16 gates and 16 values by turns: y = silu(gate) * value. `width` counts values. */
    void (*gate)(int width, const float *pairs, float *y);
    /* To keys or values in memory, and embeddings from theirs; `is_short` says bfloat16. */
    void (*keep)(int width, const float *x, int is_short, void *to);
    void (*fetch)(int width, const void *from, int is_short, float *y);
    /* What `queries` of a group see of n keys and values, `width` floats each: y [queries, width].
     * `scores` holds queries * vn_scores(n) floats. */
    void (*look)(int width, int queries, int n, const float *q, const void *keys, const void *values, int is_short,
                 float *scores, float *y);
    /* x = e to the (x - greatest x); n is any number, there is room for vn_scores(n), and the sum comes back. */
    float (*soften)(int n, float *x);
} vn_small;

extern const vn_small vn_small_portable, vn_small_avx2, vn_small_avx512;

/* Those for the processor path that is used. */
const vn_small *vn_small_used(void);

static inline int vn_scores(int n) { return (n + VN_TILE - 1) / VN_TILE * VN_TILE; }

#endif
