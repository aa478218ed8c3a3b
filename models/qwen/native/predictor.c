/* The fifteen other codes of a frame: from hidden state and first code, place by place, without leaving the task. */
#include "stack.h"

#include <string.h>

#include "inner.h"

typedef struct {
    vn_pass pass; /* of the first two places of every row, [2 * rows] */
    const vn_predictor *predictor;
    const vn_frame *frame;
    const vn_place *places; /* of the later ones, [14, rows] */
    float *inputs;          /* [rows or 2 * rows, wide] */
} frame_task;

/* Inputs of all rows, brought to the width of the stack. All have met when it comes back. */
static void take_in(const frame_task *task, const vn_pass *pass, int thread, int threads) {
    const vn_predictor *predictor = task->predictor;
    const vn_weight *narrow = predictor->narrow;
    if (!narrow) return; /* the inputs lie where the stack looks for them */
    const int hidden = predictor->stack.hidden;
    const uint8_t *ready = vn_ready(pass, thread, threads, narrow, task->inputs, narrow->in, NULL);
    int first, last = vn_share(hidden / VN_TILE, thread, threads, &first);
    vn_multiply(narrow, pass->count, ready, pass->x, hidden, first, last);
    for (int row = 0; row < pass->count; row++) {
        float *x = pass->x + (ptrdiff_t)row * hidden + first * VN_TILE;
        pass->small->add((last - first) * VN_TILE, predictor->bias + first * VN_TILE, x);
    }
    vn_pool_meet(pass->pool, thread);
}

/* Choose the code of a place for one row; its embedding is added to what was heard, and is the next input. */
static void choose(const frame_task *task, int thread, int row, int place) {
    const vn_predictor *predictor = task->predictor;
    const vn_frame *frame = task->frame;
    const int wide = predictor->wide;
    const int code = vn_choose(predictor->codebook, frame->logits + (ptrdiff_t)row * predictor->codebook, &frame->rules[row],
                               frame->draws[row * VN_CODES + place], task->pass.mine[thread].more);
    const size_t bytes = predictor->is_short ? sizeof(uint16_t) : sizeof(float);
    float *input = task->inputs + (ptrdiff_t)row * wide;
    frame->codes[row * VN_CODES + place] = code;
    task->pass.small->fetch(wide, (const uint8_t *)predictor->embeddings[place - 1] + (size_t)code * (size_t)wide * bytes,
                            predictor->is_short, input);
    task->pass.small->add(wide, input, frame->heard + (ptrdiff_t)row * wide);
}

static void frame_share(void *argument, int thread, int threads) {
    const frame_task *task = argument;
    const vn_predictor *predictor = task->predictor;
    const vn_frame *frame = task->frame;
    const int hidden = predictor->stack.hidden, rows = frame->rows;
    vn_pass pass = task->pass;
    take_in(task, &pass, thread, threads);
    vn_layers(&pass, thread, threads);
    const float *states = pass.x + hidden; /* every second one */
    ptrdiff_t stride = 2 * hidden;
    pass.count = rows;
    for (int place = 1;; place++) {
        const vn_weight *head = &predictor->heads[place - 1];
        const uint8_t *ready = vn_ready(&pass, thread, threads, head, states, stride, predictor->stack.norm);
        int first, last = vn_share(predictor->codebook / VN_TILE, thread, threads, &first);
        vn_multiply(head, rows, ready, frame->logits, predictor->codebook, first, last);
        vn_pool_meet(pass.pool, thread);
        for (int row = thread; row < rows; row += threads) choose(task, thread, row, place);
        if (place == VN_CODES - 1) return;
        vn_pool_meet(pass.pool, thread);
        take_in(task, &pass, thread, threads);
        pass.places = task->places + (ptrdiff_t)(place - 1) * rows;
        vn_layers(&pass, thread, threads);
        states = pass.x;
        stride = hidden;
    }
}

/* The memory of a frame, and where each position of it lies. */
typedef struct {
    vn_place *places; /* [2 * rows] of the first two, then [14, rows] */
    float *memory;    /* keys and values of all rows */
    float *inputs;
} frame_room;

static frame_room lay_out(vn_pass *pass, const vn_predictor *predictor, int rows, int threads, vn_room *room) {
    const vn_stack *stack = &predictor->stack;
    const int given = predictor->narrow ? predictor->wide : 0;
    const vn_size size = {2 * rows, VN_CODES, threads, given, vn_choose_bytes(predictor->codebook)};
    const size_t kept = (size_t)stack->layers * 2 * (size_t)stack->kv_heads * VN_CODES * (size_t)stack->head_dim;
    frame_room made;
    vn_plan(pass, stack, &size, room);
    made.places = vn_take(room, (size_t)rows * VN_CODES * sizeof *made.places);
    made.memory = vn_take(room, (size_t)rows * kept * sizeof *made.memory);
    made.inputs = predictor->narrow ? vn_take(room, 2 * (size_t)rows * (size_t)predictor->wide * sizeof *made.inputs) : pass->x;
    for (int row = 0; made.places && row < rows; row++)
        for (int place = 0; place < VN_CODES; place++) {
            const ptrdiff_t turn = (ptrdiff_t)place * stack->head_dim;
            made.places[place < 2 ? 2 * row + place : place * rows + row] =
                (vn_place){made.memory + kept * (size_t)row, VN_CODES, place, predictor->cosines + turn, predictor->sines + turn};
        }
    return made;
}

size_t vn_predict_bytes(const vn_predictor *predictor, int rows, int threads) {
    vn_pass pass;
    vn_room room = {NULL, 0};
    lay_out(&pass, predictor, rows, threads, &room);
    return room.used;
}

static int is_possible(const vn_predictor *predictor) {
    const vn_stack *stack = &predictor->stack;
    const vn_weight *narrow = predictor->narrow;
    if (!vn_stack_possible(stack) || predictor->codebook <= 0) return 0;
    if (predictor->codebook % VN_TILE || predictor->wide % VN_TILE) return 0;
    if (narrow ? narrow->in != predictor->wide || narrow->out != stack->hidden : predictor->wide != stack->hidden) return 0;
    for (int place = 1; place < VN_CODES; place++) {
        const vn_weight *head = &predictor->heads[place - 1];
        if (!head->data || head->out != predictor->codebook || head->in != stack->hidden) return 0;
    }
    return 1;
}

int vn_predict(vn_pool *pool, const vn_predictor *predictor, const vn_frame *frame, void *scratch, size_t scratch_bytes) {
    if (!predictor || !frame || frame->rows < 0 || !is_possible(predictor)) return VN_BAD_SHAPE;
    const int threads = vn_pool_threads(pool), rows = frame->rows, wide = predictor->wide;
    const size_t needed = vn_predict_bytes(predictor, rows, threads);
    if (!scratch || (uintptr_t)scratch % VN_LINE || scratch_bytes < needed) return VN_BAD_POINTER;
    if (!rows) return VN_OK;
    frame_task task = {.pass = {.pool = pool, .count = 2 * rows}, .predictor = predictor, .frame = frame};
    const frame_room room = lay_out(&task.pass, predictor, rows, threads, &(vn_room){scratch, 0});
    const size_t bytes = (size_t)wide * sizeof(float);
    task.pass.places = room.places;
    task.places = room.places + 2 * rows;
    task.inputs = room.inputs;
    memcpy(frame->heard, frame->first, (size_t)rows * bytes);
    for (int row = 0; row < rows; row++) {
        memcpy(room.inputs + 2 * row * wide, frame->hidden + row * wide, bytes);
        memcpy(room.inputs + (2 * row + 1) * wide, frame->first + row * wide, bytes);
        frame->codes[row * VN_CODES] = frame->ids[row];
    }
    vn_pool_run(pool, frame_share, &task);
    return VN_OK;
}
