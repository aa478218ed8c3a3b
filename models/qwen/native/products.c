/* Products of thin matrices with packed weights, whatever the processor. */
#include "inner.h"

size_t vn_input_bytes(int kind, int rows, int in) {
    if (!vn_possible(kind, in) || rows <= 0) return 0;
    const int width = vn_width(kind, in);
    size_t row; /* as much as any family takes */
    switch (kind) {
    case VN_INT8: row = VN_HEAD + 2 * (size_t)width; break;
    case VN_INT4: row = VN_HEAD + vn_bias_bytes(width) + (size_t)width; break;
    default: row = 4 * (size_t)width; break;
    }
    return (row + VN_LINE - 1) / VN_LINE * VN_LINE * (size_t)rows;
}

void vn_prepare(int kind, int rows, int in, const float *x, ptrdiff_t stride, void *input) {
    const vn_family *family = vn_family_now();
    const size_t step = vn_input_bytes(kind, 1, in);
    for (int row = 0; row < rows; row++) family->ready[kind](x + row * stride, in, (uint8_t *)input + step * (size_t)row);
}

void vn_multiply(const vn_weight *weight, int rows, const void *input, float *y, ptrdiff_t stride, int first, int last) {
    const vn_family *family = vn_family_now();
    const int kind = weight->kind, most = family->most[kind], width = vn_width(kind, weight->in);
    const size_t step = vn_input_bytes(kind, 1, weight->in), bytes = vn_tile_bytes(kind, weight->in);
    float whole[16 * VN_TILE]; /* the last tile, where not all of it is wanted */
    for (int tile = first; tile < last; tile++) {
        const int lanes = weight->out - tile * VN_TILE;
        for (int row = 0; row < rows; row += most) {
            const int count = rows - row < most ? rows - row : most;
            const uint8_t *from = (const uint8_t *)weight->data + bytes * (size_t)tile, *x = (const uint8_t *)input + step * (size_t)row;
            float *to = y + row * stride + (ptrdiff_t)tile * VN_TILE;
            if (lanes >= VN_TILE) {
                family->tile[kind](from, width, x, step, count, to, stride);
                continue;
            }
            family->tile[kind](from, width, x, step, count, whole, VN_TILE);
            for (int i = 0; i < count; i++) memcpy(to + i * stride, whole + i * VN_TILE, (size_t)lanes * sizeof *to);
        }
    }
}

typedef struct {
    vn_pool *pool;
    const vn_weight *weight;
    int rows;
    const float *x;
    ptrdiff_t x_stride;
    float *y;
    ptrdiff_t y_stride;
    void *scratch;
} product;

/* Rows that the caller makes ready before it calls the others: less work than waiting for them once more. */
enum { FEW_ROWS = 2 };
/* A smaller weight is multiplied by the caller alone: the others would be there too late to help. */
static const size_t SMALL_WEIGHT = 1 << 16;

static void prepare_share(const product *p, int thread, int threads) {
    const int kind = p->weight->kind, in = p->weight->in;
    const size_t step = vn_input_bytes(kind, 1, in);
    for (int row = thread; row < p->rows; row += threads)
        vn_prepare(kind, 1, in, p->x + row * p->x_stride, p->x_stride, (uint8_t *)p->scratch + step * (size_t)row);
}

static void multiply_share(void *argument, int thread, int threads) {
    const product *p = argument;
    const int64_t tiles = vn_up(p->weight->out, VN_TILE) / VN_TILE;
    if (p->rows > FEW_ROWS) {
        prepare_share(p, thread, threads);
        if (threads > 1) vn_pool_meet(p->pool, thread);
    }
    vn_multiply(p->weight, p->rows, p->scratch, p->y, p->y_stride, (int)(tiles * thread / threads), (int)(tiles * (thread + 1) / threads));
}

int vn_matmul(vn_pool *pool, const vn_weight *weight, int rows, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride,
              void *scratch) {
    if (!weight || !weight->data || (rows > 0 && (!x || !y || !scratch || (uintptr_t)scratch % VN_LINE))) return VN_BAD_POINTER;
    const size_t bytes = vn_packed_bytes(weight->kind, weight->out, weight->in);
    if (!bytes || rows < 0 || (rows > 1 && y_stride < weight->out)) return VN_BAD_SHAPE;
    const product p = {pool, weight, rows, x, x_stride, y, y_stride, scratch};
    if (!rows) return VN_OK;
    if (rows <= FEW_ROWS) prepare_share(&p, 0, 1);
    if (bytes * (size_t)rows < SMALL_WEIGHT)
        multiply_share((void *)&p, 0, 1);
    else
        vn_pool_run(pool, multiply_share, (void *)&p);
    return VN_OK;
}
