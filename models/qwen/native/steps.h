/* Whole steps of the talker and of the code predictor: one call each. What Python calls, beside native.h.
 *
 * hidden, head_dim, intermediate and codebook must be multiples of VN_TILE. Every struct and all memory that it points to is
 * the caller's and must outlive the call. A row comes out the same alone and among others, by any number of threads.
 */
#ifndef VOICED_STEPS_H
#define VOICED_STEPS_H

#include "native.h"

enum { VN_CODES = 16 }; /* of a frame */

/* --- a stack of decoder layers (stack.c) ------------------------------------------------------------------------- */

typedef struct {
    const float *before_attention, *before_mlp;  /* gains [hidden] */
    const float *query_gains, *key_gains;        /* [head_dim]; those of queries hold attention's scale as well */
    vn_weight qkv;                               /* for every kv head by turns: its group's queries, its key, its value */
    vn_weight out;
    vn_weight gate_up;                           /* tiles of gates and values by turns */
    vn_weight down;
} vn_layer;

typedef struct {
    int32_t layers, hidden, heads, kv_heads, head_dim, intermediate;
    float eps;
    const vn_layer *layer; /* [layers] */
    const float *norm;     /* [hidden] */
} vn_stack;

/* Where a position of a row lies: those before it are there already, or earlier in the same call. */
typedef struct {
    void *memory; /* keys, then values: [layers, 2 * kv_heads, room, head_dim] */
    int32_t room, position;
    const float *cosines, *sines; /* [head_dim]: what turns a head at this position */
} vn_place;

/* Bytes of scratch that vn_step needs for so many positions in one call, of which none is beyond `length`. */
VN_API size_t vn_step_bytes(const vn_stack *stack, int count, int length, int threads);
/* Hidden states y after the last norm, of inputs x, [count, hidden] both. `is_short`: keys and values are bfloat16, else
 * float32. Returns 0, or what is wrong (vn_error). */
VN_API int vn_step(vn_pool *pool, const vn_stack *stack, int count, const vn_place *places, int is_short, const float *x,
                   float *y, void *scratch, size_t scratch_bytes);

/* --- how a code is chosen (sampling.c) --------------------------------------------------------------------------- */

typedef struct {
    int32_t width; /* of the likeliest so many; 1 takes the likeliest */
    float hotness; /* 1 / temperature */
    float mass;    /* of the likeliest, so many that they make up this share; above 1 all of them */
} vn_rule;

/* Bytes of room that vn_choose needs for so many logits. */
VN_API size_t vn_choose_bytes(int count);
/* The id chosen by a uniform draw; always one of them, whatever the logits are. Of ids that are as likely the lower comes
 * first. */
VN_API int vn_choose(int count, const float *logits, const vn_rule *rule, float draw, void *room);

/* --- the fifteen other codes of a frame (predictor.c) ------------------------------------------------------------- */

typedef struct {
    vn_stack stack;
    int32_t wide;                              /* the talker's hidden */
    int32_t codebook;
    const vn_weight *narrow;                   /* [hidden, wide], or NULL where both are as wide */
    const float *bias;                         /* [hidden] */
    vn_weight heads[VN_CODES - 1];             /* [codebook, hidden] */
    const void *embeddings[VN_CODES - 1];      /* [codebook, wide] */
    int32_t is_short;                          /* those are bfloat16, else float32 */
    const float *cosines, *sines;              /* [16, head_dim]: of every place in a frame */
} vn_predictor;

typedef struct {
    int32_t rows;
    const float *hidden, *first; /* [rows, wide]: the talker's hidden states, and embeddings of the first codes */
    const int64_t *ids;          /* [rows]: those codes */
    const vn_rule *rules;        /* [rows] */
    const float *draws;          /* [rows, 16]; the first was the talker's */
    int64_t *codes;              /* out: [rows, 16] */
    float *heard;                /* out: [rows, wide], the sum of the codes' embeddings */
    float *logits;               /* out: [rows, codebook], the last ones */
} vn_frame;

VN_API size_t vn_predict_bytes(const vn_predictor *predictor, int rows, int threads);
VN_API int vn_predict(vn_pool *pool, const vn_predictor *predictor, const vn_frame *frame, void *scratch, size_t scratch_bytes);

#endif
