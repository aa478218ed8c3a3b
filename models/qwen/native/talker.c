/* One step of a stack whose rows have keys and values of their own, each at its own length. */
#include "stack.h"

#include <string.h>

#include "inner.h"

typedef struct {
    vn_pass pass;
    float *y;
} step;

static void step_share(void *argument, int thread, int threads) {
    const step *one = argument;
    const vn_stack *stack = one->pass.stack;
    vn_layers(&one->pass, thread, threads);
    for (int row = thread; row < one->pass.count; row += threads) {
        const ptrdiff_t at = (ptrdiff_t)row * stack->hidden;
        one->pass.small->norm(stack->hidden, one->pass.x + at, stack->norm, stack->eps, one->y + at);
    }
}

size_t vn_step_bytes(const vn_stack *stack, int count, int length, int threads) {
    vn_pass pass;
    vn_room room = {NULL, 0};
    vn_plan(&pass, stack, &(vn_size){count, length, threads, 0, 0}, &room);
    return room.used;
}

int vn_step(vn_pool *pool, const vn_stack *stack, int count, const vn_place *places, int is_short, const float *x, float *y,
            void *scratch, size_t scratch_bytes) {
    int length = 0;
    if (!stack || count < 0 || !vn_stack_possible(stack)) return VN_BAD_SHAPE;
    for (int row = 0; row < count; row++) {
        if (!places[row].memory || places[row].position < 0 || places[row].position >= places[row].room) return VN_BAD_SHAPE;
        length = places[row].position >= length ? places[row].position + 1 : length;
    }
    const int threads = vn_pool_threads(pool);
    const size_t needed = vn_step_bytes(stack, count, length, threads);
    if (!scratch || (uintptr_t)scratch % VN_LINE || scratch_bytes < needed) return VN_BAD_POINTER;
    if (!count) return VN_OK;
    step one = {.pass = {.pool = pool, .places = places, .count = count, .is_short = is_short}, .y = y};
    vn_plan(&one.pass, stack, &(vn_size){count, length, threads, 0, 0}, &(vn_room){scratch, 0});
    memcpy(one.pass.x, x, (size_t)count * (size_t)stack->hidden * sizeof *x);
    vn_pool_run(pool, step_share, &one);
    return VN_OK;
}
