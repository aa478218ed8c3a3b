/* A stack of decoder layers. Threads share products by tiles and attention by heads, so that four meetings make a layer. */
#include "stack.h"

enum {
    LINE = 64,
    /* So few rows each thread makes ready for itself: that takes less time than to meet once more. */
    FEW = 4,
};

/* --- memory ------------------------------------------------------------------------------------------------------- */

void *vn_take(vn_room *room, size_t bytes) {
    const size_t at = room->used;
    room->used += (bytes + LINE - 1) / LINE * LINE;
    return room->base ? room->base + at : NULL;
}

static float *floats(vn_room *room, int count, int width) { return vn_take(room, (size_t)count * (size_t)width * sizeof(float)); }

static int greater(int a, int b) { return a > b ? a : b; }

/* Bytes of a row of so many activations, for any kind of weight. */
static size_t ready_bytes(int width) {
    size_t most = 0;
    for (int kind = 0; kind < VN_KINDS; kind++) {
        const size_t bytes = vn_input_bytes(kind, 1, width);
        most = bytes > most ? bytes : most;
    }
    return most;
}

void vn_plan(vn_pass *pass, const vn_stack *stack, const vn_size *size, vn_room *room) {
    const int heads = stack->heads * stack->head_dim, kept = 2 * stack->kv_heads * stack->head_dim;
    const size_t row = ready_bytes(greater(greater(heads, stack->hidden), greater(stack->intermediate, size->wide)));
    pass->stack = stack;
    pass->small = vn_small_used();
    pass->x = floats(room, size->count, stack->hidden);
    pass->y = floats(room, size->count, stack->hidden);
    pass->qkv = floats(room, size->count, heads + kept);
    pass->seen = floats(room, size->count, heads);
    pass->pairs = floats(room, size->count, 2 * stack->intermediate);
    pass->gated = floats(room, size->count, stack->intermediate);
    pass->ready = vn_take(room, (size_t)size->count * row);
    pass->mine = vn_take(room, (size_t)size->threads * sizeof *pass->mine);
    for (int thread = 0; thread < size->threads; thread++) {
        vn_mine mine;
        mine.ready = vn_take(room, FEW * row);
        mine.row = floats(room, 1, greater(stack->hidden, 2 * stack->head_dim));
        mine.scores = floats(room, 2, vn_scores(size->length));
        mine.more = vn_take(room, size->more);
        if (pass->mine) pass->mine[thread] = mine;
    }
}

static int is_tiled(int width) { return width > 0 && width % VN_TILE == 0; }

static int has(const vn_weight *weight, int out, int in) { return weight->data && weight->out == out && weight->in == in; }

int vn_stack_possible(const vn_stack *stack) {
    const int heads = stack->heads * stack->head_dim, kept = 2 * stack->kv_heads * stack->head_dim;
    if (!is_tiled(stack->hidden) || !is_tiled(stack->intermediate) || !is_tiled(stack->head_dim)) return 0;
    if (stack->layers < 0 || stack->kv_heads <= 0 || stack->heads <= 0 || stack->heads % stack->kv_heads) return 0;
    for (int number = 0; number < stack->layers; number++) {
        const vn_layer *layer = &stack->layer[number];
        if (!has(&layer->qkv, heads + kept, stack->hidden) || !has(&layer->out, stack->hidden, heads)) return 0;
        if (!has(&layer->gate_up, 2 * stack->intermediate, stack->hidden)) return 0;
        if (!has(&layer->down, stack->hidden, stack->intermediate)) return 0;
    }
    return 1;
}

/* --- work --------------------------------------------------------------------------------------------------------- */

int vn_share(int n, int thread, int threads, int *first) {
    *first = (int)((int64_t)n * thread / threads);
    return (int)((int64_t)n * (thread + 1) / threads);
}

const uint8_t *vn_ready(const vn_pass *pass, int thread, int threads, const vn_weight *weight, const float *x, ptrdiff_t stride,
                        const float *gains) {
    const int together = threads > 1 && pass->count > FEW, width = weight->in;
    const size_t bytes = vn_input_bytes(weight->kind, 1, width);
    uint8_t *ready = together || threads == 1 ? pass->ready : pass->mine[thread].ready;
    for (int row = together ? thread : 0; row < pass->count; row += together ? threads : 1) {
        const float *one = x + row * stride;
        if (gains) {
            pass->small->norm(width, one, gains, pass->stack->eps, pass->mine[thread].row);
            one = pass->mine[thread].row;
        }
        vn_prepare(weight->kind, 1, width, one, width, ready + bytes * (size_t)row);
    }
    if (together) vn_pool_meet(pass->pool, thread);
    return ready;
}

/* What a weight makes of activations [count, in] is added to x, each thread doing columns of its own. */
static void residual(const vn_pass *pass, int thread, int threads, const vn_weight *weight, const float *activations) {
    const int hidden = pass->stack->hidden;
    const uint8_t *ready = vn_ready(pass, thread, threads, weight, activations, weight->in, NULL);
    int first, last = vn_share(hidden / VN_TILE, thread, threads, &first);
    vn_multiply(weight, pass->count, ready, pass->y, hidden, first, last);
    for (int row = 0; row < pass->count; row++) {
        const ptrdiff_t at = (ptrdiff_t)row * hidden + first * VN_TILE;
        pass->small->add((last - first) * VN_TILE, pass->y + at, pass->x + at);
    }
}

/* Where keys of a kv head begin (values: that of kv_heads + head). */
static uint8_t *kept_at(const vn_pass *pass, const vn_place *place, int layer, int head, int position) {
    const vn_stack *stack = pass->stack;
    const size_t number = (size_t)layer * 2 * (size_t)stack->kv_heads + (size_t)head;
    const size_t at = (number * (size_t)place->room + (size_t)position) * (size_t)stack->head_dim;
    return (uint8_t *)place->memory + at * (pass->is_short ? sizeof(uint16_t) : sizeof(float));
}

/* Turn a group's queries and its key, and put key and value into memory. */
static void keep(const vn_pass *pass, int thread, int number, int head, const vn_place *place, float *group) {
    const vn_stack *stack = pass->stack;
    const vn_layer *layer = &stack->layer[number];
    const int width = stack->head_dim, queries = stack->heads / stack->kv_heads;
    float *room = pass->mine[thread].row, *key = group + queries * width;
    for (int query = 0; query < queries; query++)
        pass->small->turn(width, group + query * width, layer->query_gains, stack->eps, place->cosines, place->sines, room);
    pass->small->turn(width, key, layer->key_gains, stack->eps, place->cosines, place->sines, room);
    pass->small->keep(width, key, pass->is_short, kept_at(pass, place, number, head, place->position));
    pass->small->keep(width, key + width, pass->is_short, kept_at(pass, place, number, stack->kv_heads + head, place->position));
}

/* Of one kv head: positions of one row may see each other, so all are kept before any looks. */
static void attend(const vn_pass *pass, int thread, int layer, int head) {
    const vn_stack *stack = pass->stack;
    const int width = stack->head_dim, queries = stack->heads / stack->kv_heads, group = (queries + 2) * width;
    const ptrdiff_t all = (ptrdiff_t)stack->kv_heads * group;
    for (int row = 0; row < pass->count; row++)
        keep(pass, thread, layer, head, &pass->places[row], pass->qkv + row * all + (ptrdiff_t)head * group);
    for (int row = 0; row < pass->count; row++) {
        const vn_place *place = &pass->places[row];
        pass->small->look(width, queries, place->position + 1, pass->qkv + row * all + (ptrdiff_t)head * group,
                          kept_at(pass, place, layer, head, 0), kept_at(pass, place, layer, stack->kv_heads + head, 0),
                          pass->is_short, pass->mine[thread].scores,
                          pass->seen + ((ptrdiff_t)row * stack->heads + (ptrdiff_t)head * queries) * width);
    }
}

static void see(const vn_pass *pass, int thread, int threads, int number) {
    const vn_stack *stack = pass->stack;
    const vn_layer *layer = &stack->layer[number];
    const int tiles = (stack->heads / stack->kv_heads + 2) * stack->head_dim / VN_TILE;
    const uint8_t *ready = vn_ready(pass, thread, threads, &layer->qkv, pass->x, stack->hidden, layer->before_attention);
    int first, last = vn_share(stack->kv_heads, thread, threads, &first);
    vn_multiply(&layer->qkv, pass->count, ready, pass->qkv, layer->qkv.out, first * tiles, last * tiles);
    for (int head = first; head < last; head++) attend(pass, thread, number, head);
    vn_pool_meet(pass->pool, thread);
    residual(pass, thread, threads, &layer->out, pass->seen);
    vn_pool_meet(pass->pool, thread);
}

static void think(const vn_pass *pass, int thread, int threads, int number) {
    const vn_stack *stack = pass->stack;
    const vn_layer *layer = &stack->layer[number];
    const uint8_t *ready = vn_ready(pass, thread, threads, &layer->gate_up, pass->x, stack->hidden, layer->before_mlp);
    int first, last = vn_share(stack->intermediate / VN_TILE, thread, threads, &first);
    vn_multiply(&layer->gate_up, pass->count, ready, pass->pairs, layer->gate_up.out, 2 * first, 2 * last);
    for (int row = 0; row < pass->count; row++) {
        const ptrdiff_t at = (ptrdiff_t)row * stack->intermediate + first * VN_TILE;
        pass->small->gate((last - first) * VN_TILE, pass->pairs + 2 * at, pass->gated + at);
    }
    vn_pool_meet(pass->pool, thread);
    residual(pass, thread, threads, &layer->down, pass->gated);
    vn_pool_meet(pass->pool, thread);
}

void vn_layers(const vn_pass *pass, int thread, int threads) {
    for (int number = 0; number < pass->stack->layers; number++) {
        see(pass, thread, threads, number);
        think(pass, thread, threads, number);
    }
}
