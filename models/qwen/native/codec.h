/* The decoder of the speech tokenizer: its transformer and its convolutions, a call each.
 *
 * A stage reads one region of memory and writes others. A region holds [steps, channels] of one row, with room in front of it
 * for the past that its reader needs. Steps are many at the end and few at the beginning, where weights are many: up to
 * `together` all rows go through a stage before the next, behind it one row after the other, in regions that they share.
 */
#ifndef VOICED_CODEC_H
#define VOICED_CODEC_H

#include "native.h"

/* Outputs of a convolution that lie side by side in its weight, [tiles][taps * in][VN_WIDE]; of any number, padded with zeros. */
enum { VN_WIDE = 32, VN_REGIONS = 4 };

/* What a stage does, to each step of its input:
 *   MIX   a causal convolution
 *   NEAR  one for every channel by itself, and a layer norm behind it
 *   WAVE  one with a single output, held within -1..1: the samples
 *   NORM  brought to a root mean square of one, times gains
 *   LOOK  attention: queries, keys and values of all heads to what the queries see; keys and values go into the row's ring
 *   GATE  [2 * out] to silu(first half) * second half
 */
enum { VN_STAGE_MIX = 0, VN_STAGE_NEAR, VN_STAGE_WAVE, VN_STAGE_NORM, VN_STAGE_LOOK, VN_STAGE_GATE };
/* What becomes of a mix on its way into `act`. */
enum { VN_ACT_NONE = 0, VN_ACT_COPY, VN_ACT_SNAKE, VN_ACT_GELU };

typedef struct {
    int32_t kind, in, out, taps, dilation;
    int32_t rate; /* steps that one step of the input becomes: out = rate * channels */
    int32_t from; /* regions; raw and act may be -1, and are never `from` */
    int32_t raw, act;
    int32_t onto;                      /* the result is added to what is in `raw` */
    int32_t action;                    /* VN_ACT_... */
    int32_t layer, heads, kv_heads;    /* LOOK; a head has out / heads channels */
    int32_t window, slots;             /* LOOK: steps that are seen, and that there is room for in a ring */
    float eps;                         /* NEAR and NORM */
    int32_t unused;
    int64_t tail;        /* where in a row's state the past of this input lies: (taps - 1) * dilation steps; -1 for none */
    const float *weight; /* MIX: tiles; NEAR: [taps, in]; WAVE: [taps * in] */
    const float *bias;   /* padded to VN_WIDE */
    const float *first;  /* SNAKE: frequencies, NEAR and NORM: gains; padded as the bias */
    const float *second; /* SNAKE: amounts, NEAR: shifts */
} vn_stage;

typedef struct {
    const vn_stage *stages;
    int32_t count, together;
    int64_t head;               /* floats in front of a region for the past, a multiple of VN_TILE */
    int64_t own[VN_REGIONS];    /* floats a frame of a row's own regions */
    int64_t shared[VN_REGIONS]; /* and of those that rows use one after the other */
} vn_codec;

/* Floats of memory that so many rows of so many frames need. */
VN_API int64_t vn_codec_floats(const vn_codec *codec, int rows, int frames);
/* What belongs to a row. */
typedef struct {
    float *state; /* the past of every convolution; moved on */
    float *ring;  /* [layers, 2, kv_heads, slots, head]; moved on */
    int64_t position; /* frames before this call */
} vn_row;

/* Frames x [rows, frames, in] through all stages: what the last one makes of them, [rows, frames * rate, out], goes to y.
 * `turns` [rows, frames, head] are cosines, then sines, of every frame's angles; NULL where no stage looks. `memory` holds
 * vn_codec_floats. */
VN_API int vn_codec_run(vn_pool *pool, const vn_codec *codec, int rows, int frames, const float *x, const vn_row *row, const float *turns,
                        float *y, float *memory);

/* Where a stage finds and leaves what it makes of one row. */
typedef struct {
    const vn_stage *stage;
    const float *x;   /* the oldest input of step 0 */
    float *raw, *act; /* where step 0 goes, or NULL */
} vn_where;

/* Steps [first, last) of a stage; of a mix VN_WIDE outputs of them, of a look the heads that share one of keys and values. */
typedef struct {
    void (*mix)(const vn_where *place, int tile, int first, int last);
    void (*near)(const vn_where *place, int first, int last);
    void (*wave)(const vn_where *place, int first, int last, float *samples);
    void (*norm)(const vn_where *place, int first, int last);
    void (*gate)(const vn_where *place, int first, int last);
    void (*look)(const vn_where *place, const vn_row *row, const float *turns, int kv_head, int steps);
} vn_codec_ways;

extern const vn_codec_ways vn_codec_portable, vn_codec_avx2, vn_codec_avx512;

#endif
