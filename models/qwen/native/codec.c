/* Which thread does which part of a stage, and what each row remembers. */
#include "codec.h"

#include <string.h>

#include "inner.h"

/* Inputs of the steps that go through all outputs of a tile together: they stay in the second cache. */
enum { GROUP_BYTES = 1 << 18 };

typedef struct {
    const vn_codec_ways *ways;
    vn_pool *pool;
    const vn_codec *codec;
    int rows, frames;
    const float *x, *turns;
    const vn_row *row;
    float *y;
    float *own[VN_REGIONS], *shared[VN_REGIONS]; /* of row 0, behind the head */
} run;

static const vn_codec_ways *used(void) {
    const char *path = vn_path();
#if defined(__x86_64__)
    if (!strncmp(path, "avx512", 6)) return &vn_codec_avx512;
    if (!strncmp(path, "avx", 3) && __builtin_cpu_supports("fma")) return &vn_codec_avx2;
#endif
    (void)path;
    return &vn_codec_portable;
}

/* Floats of a region. */
static int64_t floats(const vn_codec *codec, int64_t a_frame, int frames) {
    return a_frame ? codec->head + (a_frame * frames + VN_TILE - 1) / VN_TILE * VN_TILE : 0;
}

/* Where a region of a row begins, behind its head. */
static float *region(const run *r, int which, int row, int shared) {
    if (which < 0) return NULL;
    return shared ? r->shared[which] : r->own[which] + row * floats(r->codec, r->codec->own[which], r->frames);
}

static int64_t reach(const vn_stage *stage) { return (int64_t)(stage->taps - 1) * stage->dilation * stage->in; }

/* The past of a stage's input, before it is read. */
static void recall(const run *r, int index, int row) {
    const vn_stage *stage = r->codec->stages + index;
    if (stage->tail < 0) return;
    float *x = region(r, stage->from, row, index > r->codec->together);
    memcpy(x - reach(stage), r->row[row].state + stage->tail, (size_t)reach(stage) * sizeof *x);
}

/* The end of a stage's input becomes the past. */
static void remember(const run *r, int index, int row, int steps) {
    const vn_stage *stage = r->codec->stages + index;
    if (stage->tail < 0) return;
    const float *x = region(r, stage->from, row, index > r->codec->together);
    memcpy(r->row[row].state + stage->tail, x + (int64_t)steps * stage->in - reach(stage), (size_t)reach(stage) * sizeof *x);
}

/* This thread's part of a stage of rows [low, high), `steps` steps each. */
static void work(const run *r, int index, int low, int high, int steps, int thread, int threads) {
    const vn_codec *all = r->codec;
    const vn_stage *stage = all->stages + index;
    const int parts = stage->kind == VN_STAGE_MIX    ? (stage->out + VN_WIDE - 1) / VN_WIDE
                      : stage->kind == VN_STAGE_LOOK ? stage->kv_heads
                                                     : 1;
    int64_t groups = ((int64_t)steps * stage->in * (int64_t)sizeof(float) + GROUP_BYTES - 1) / GROUP_BYTES;
    if (parts % threads) groups = (groups + threads - 1) / threads * threads;
    if (groups > steps) groups = steps;
    if (stage->kind == VN_STAGE_LOOK) groups = 1; /* a step sees those before it */
    const int64_t units = groups * parts, first = units * thread / threads, last = units * (thread + 1) / threads;
    for (int64_t unit = first; unit < last; unit++) {
        const int64_t group = unit / parts;
        const int part = (int)(unit % parts), from = (int)(steps * group / groups), to = (int)(steps * (group + 1) / groups);
        /* a part's weights are read once for all rows */
        for (int row = low; row < high; row++) {
            const vn_where place = {
                stage,
                region(r, stage->from, row, index > all->together) - reach(stage),
                region(r, stage->raw, row, index >= all->together),
                region(r, stage->act, row, index >= all->together),
            };
            const int64_t all_steps = (int64_t)row * steps;
            switch (stage->kind) {
            case VN_STAGE_MIX: r->ways->mix(&place, part, from, to); break;
            case VN_STAGE_NEAR: r->ways->near(&place, from, to); break;
            case VN_STAGE_WAVE: r->ways->wave(&place, from, to, r->y + all_steps); break;
            case VN_STAGE_NORM: r->ways->norm(&place, from, to); break;
            case VN_STAGE_GATE: r->ways->gate(&place, from, to); break;
            case VN_STAGE_LOOK:
                r->ways->look(&place, r->row + row, r->turns + all_steps * (stage->out / stage->heads), part, steps);
            }
        }
    }
}

/* Stages [first, last) of rows [low, high); comes back with the steps of the last result. */
static int through(run *r, int first, int last, int low, int high, int steps, int thread, int threads) {
    for (int index = first; index < last; index++) {
        work(r, index, low, high, steps, thread, threads);
        if (thread == threads - 1)
            for (int row = low; row < high; row++) {
                remember(r, index, row, steps);
                if (index + 1 < last) recall(r, index + 1, row);
            }
        steps *= r->codec->stages[index].rate;
        vn_pool_meet(r->pool, thread);
    }
    return steps;
}

static void task(void *argument, int thread, int threads) {
    run *r = argument;
    const vn_codec *all = r->codec;
    if (thread == 0)
        for (int row = 0; row < r->rows; row++) {
            const int64_t width = (int64_t)r->frames * all->stages[0].in;
            memcpy(region(r, all->stages[0].from, row, 0), r->x + row * width, (size_t)width * sizeof(float));
            recall(r, 0, row);
        }
    vn_pool_meet(r->pool, thread);
    const int steps = through(r, 0, all->together, 0, r->rows, r->frames, thread, threads);
    for (int row = 0; row < r->rows && all->together < all->count; row++) {
        if (thread == 0) recall(r, all->together, row);
        vn_pool_meet(r->pool, thread);
        through(r, all->together, all->count, row, row + 1, steps, thread, threads);
    }
    const vn_stage *last = all->stages + all->count - 1;
    if (thread == 0 && last->kind != VN_STAGE_WAVE) /* all rows are still where they were made */
        for (int row = 0; row < r->rows; row++) {
            const int64_t width = (int64_t)steps * last->out;
            memcpy(r->y + row * width, region(r, last->act, row, 0), (size_t)width * sizeof(float));
        }
}

int64_t vn_codec_floats(const vn_codec *codec, int rows, int frames) {
    int64_t all = 0;
    for (int which = 0; which < VN_REGIONS; which++)
        all += floats(codec, codec->own[which], frames) * rows + floats(codec, codec->shared[which], frames);
    return all;
}

int vn_codec_run(vn_pool *pool, const vn_codec *codec, int rows, int frames, const float *x, const vn_row *row, const float *turns,
                 float *y, float *memory) {
    if (rows < 0 || frames < 0) return VN_BAD_SHAPE;
    if (!rows || !frames) return VN_OK;
    if (!codec || !x || !row || !y || !memory) return VN_BAD_POINTER;
    run r = {used(), pool, codec, rows, frames, x, turns, row, y, {0}, {0}};
    for (int which = 0; which < VN_REGIONS; which++) {
        r.own[which] = memory + codec->head;
        memory += floats(codec, codec->own[which], frames) * rows;
        r.shared[which] = memory + codec->head;
        memory += floats(codec, codec->shared[which], frames);
    }
    vn_pool_run(pool, task, &r);
    return VN_OK;
}
