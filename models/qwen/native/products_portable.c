/* Plain C, for processors that no other file is written for, and to hold the others against. */
#include "slim.h"

enum { CHAINS = 4 }; /* sums that go on side by side: line n adds to sum n % 4, and (0 + 1) + (2 + 3) ends them */

static int runs(void) { return 1; }

static void ready_float32(const float *x, int in, uint8_t *row) { vn_ready_float32(x, in, row); }

static void ready_bfloat16(const float *x, int in, uint8_t *row) { vn_ready_bfloat16_wide(x, in, row); }

static void ready_slim(const float *x, int in, uint8_t *row) { vn_ready_slim_wide(x, in, row); }

static void ready_int8(const float *x, int in, uint8_t *row) { vn_ready_int8(x, in, row); }

static void ready_int4(const float *x, int in, uint8_t *row) { vn_ready_int4(x, in, row); }

static void end_chains(float sums[CHAINS][VN_TILE], float *y) {
    for (int i = 0; i < VN_TILE; i++) y[i] = (sums[0][i] + sums[1][i]) + (sums[2][i] + sums[3][i]);
}

static void tile_float32(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride) {
    const float *w = (const float *)weight;
    for (int r = 0; r < count; r++) {
        const float *x = (const float *)(rows + step * (size_t)r);
        float sums[CHAINS][VN_TILE] = {{0}};
        for (int k = 0; k < width; k++)
            for (int i = 0; i < VN_TILE; i++) sums[k % CHAINS][i] += w[(size_t)k * VN_TILE + i] * x[k];
        end_chains(sums, y + r * stride);
    }
}

/* Two inputs of 16 outputs. The products are exact, so no processor rounds them otherwise. */
static void add_pairs(const uint16_t *pairs, const float *x, float *sums) {
    for (int i = 0; i < VN_TILE; i++) {
        sums[i] += vn_widen(pairs[2 * i + 1]) * x[1];
        sums[i] += vn_widen(pairs[2 * i]) * x[0];
    }
}

static void tile_bfloat16(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride) {
    const uint16_t *w = (const uint16_t *)weight;
    for (int r = 0; r < count; r++) {
        const float *x = (const float *)(rows + step * (size_t)r);
        float sums[CHAINS][VN_TILE] = {{0}};
        for (int line = 0; line < width / 2; line++) add_pairs(w + (size_t)line * 2 * VN_TILE, x + 2 * line, sums[line % CHAINS]);
        end_chains(sums, y + r * stride);
    }
}

static void tile_slim(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride) {
    const uint16_t *w = (const uint16_t *)(weight + VN_LINE);
    enum { WORDS = 2 * VN_TILE };
    uint16_t lines[CHAINS][WORDS];
    for (int r = 0; r < count; r++) {
        const float *x = (const float *)(rows + step * (size_t)r);
        float sums[CHAINS][VN_TILE] = {{0}};
        for (int k = 0; k < width; k += 8) {
            vn_four_lines(w + (size_t)k / 8 * 3 * WORDS, WORDS, lines[0]);
            for (int c = 0; c < CHAINS; c++) add_pairs(lines[c], x + k + 2 * c, sums[c]);
        }
        end_chains(sums, y + r * stride);
        for (int i = 0; i < VN_TILE; i++) y[r * stride + i] *= ((const float *)weight)[i];
    }
    vn_mend(weight, width, rows, step, count, y, stride, 1);
}

static void tile_int8(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride) {
    const float *scales = (const float *)weight;
    weight += VN_LINE;
    for (int r = 0; r < count; r++) {
        const vn_head *head = (const vn_head *)(rows + step * (size_t)r);
        const int8_t *x = (const int8_t *)head + VN_HEAD;
        int32_t sums[VN_TILE];
        for (int i = 0; i < VN_TILE; i++) sums[i] = head->bias;
        for (int k = 0; k < width; k += 4)
            for (int i = 0; i < VN_TILE; i++) {
                const uint8_t *w = weight + (size_t)k * VN_TILE + 4 * i;
                /* Unsigned, since 32 bits may run over on the way; what comes out fits. */
                sums[i] = (int32_t)((uint32_t)sums[i] + (uint32_t)(w[0] * x[k] + w[1] * x[k + 1] + w[2] * x[k + 2] + w[3] * x[k + 3]));
            }
        for (int i = 0; i < VN_TILE; i++) y[r * stride + i] = (float)sums[i] * scales[i] * head->scale;
    }
}

static void tile_int4(const uint8_t *weight, int width, const uint8_t *rows, size_t step, int count, float *y, ptrdiff_t stride) {
    for (int r = 0; r < count; r++) {
        const vn_head *head = (const vn_head *)(rows + step * (size_t)r);
        const int32_t *bias = (const int32_t *)((const uint8_t *)head + VN_HEAD);
        const int8_t *x = (const int8_t *)bias + vn_bias_bytes(width);
        const uint8_t *block = weight;
        float totals[VN_TILE] = {0};
        for (int group = 0; group < width / VN_GROUP; group++, x += VN_GROUP) {
            const uint8_t *lines = block + VN_LINE + group % 2 * 4 * VN_LINE;
            int32_t sums[VN_TILE];
            for (int i = 0; i < VN_TILE; i++) sums[i] = bias[group];
            for (int k = 0; k < VN_GROUP; k += 8)
                for (int i = 0; i < VN_TILE; i++) {
                    const uint8_t *w = lines + k * 8 + 4 * i;
                    for (int j = 0; j < 4; j++) sums[i] += (w[j] & 15) * x[k + j] + (w[j] >> 4) * x[k + 4 + j];
                }
            const uint16_t *scales = (const uint16_t *)block + group % 2 * VN_TILE;
            for (int i = 0; i < VN_TILE; i++) totals[i] += (float)sums[i] * vn_widen(scales[i]);
            if (group % 2) block += VN_BLOCK_BYTES;
        }
        for (int i = 0; i < VN_TILE; i++) y[r * stride + i] = totals[i] * head->scale;
    }
}

const vn_family vn_portable = {
    .name = "portable",
    .runs = runs,
    .ready = {ready_float32, ready_bfloat16, ready_int8, ready_int4, ready_slim},
    .tile = {tile_float32, tile_bfloat16, tile_int8, tile_int4, tile_slim},
    .most = {16, 16, 16, 16, 16},
};
