/* The layers of a stack inside of a task, for the steps that are made of them. */
#ifndef VOICED_STACK_H
#define VOICED_STACK_H

#include "small.h"
#include "steps.h"

/* Memory handed out piece by piece; without a base it is only counted. */
typedef struct {
    uint8_t *base;
    size_t used;
} vn_room;

void *vn_take(vn_room *room, size_t bytes);

/* A thread's own memory. */
typedef struct {
    uint8_t *ready; /* a few rows of activations made ready */
    float *row;     /* one row that was normalised, or a head that is turned */
    float *scores;
    void *more;
} vn_mine;

/* Positions on their way through the layers. Shared by all threads; each may have a copy with other counts. */
typedef struct {
    vn_pool *pool;
    const vn_small *small;
    const vn_stack *stack;
    const vn_place *places; /* [count] */
    int count, is_short;
    float *x; /* [count, hidden]: inputs; after the layers what the last norm takes */
    float *qkv, *seen, *y, *pairs, *gated;
    uint8_t *ready; /* rows made ready by all threads together */
    vn_mine *mine;  /* [threads] */
} vn_pass;

/* What vn_plan lays out. */
typedef struct {
    int count, length, threads; /* positions, the longest row, threads */
    int wide;                   /* what is made ready besides a layer's own activations, or 0 */
    size_t more;                /* bytes for each thread */
} vn_size;

/* Give a pass its memory. With a room that has no base only the room is counted. */
void vn_plan(vn_pass *pass, const vn_stack *stack, const vn_size *size, vn_room *room);
/* Whether a stack has a shape that these steps are made for. */
int vn_stack_possible(const vn_stack *stack);

/* The things of n that this thread does: from *first up to what is returned. */
int vn_share(int n, int thread, int threads, int *first);
/* Rows x made ready for a weight, normalised first where there are gains. Nobody may write to x until all have met. */
const uint8_t *vn_ready(const vn_pass *pass, int thread, int threads, const vn_weight *weight, const float *x, ptrdiff_t stride,
                        const float *gains);
/* All layers. Every thread calls it; all have met when it comes back. */
void vn_layers(const vn_pass *pass, int thread, int threads);

#endif
