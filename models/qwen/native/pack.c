/* Weights in the order in which they are multiplied. */
#include "pack.h"

size_t vn_packed_bytes(int kind, int out, int in) {
    if (!vn_possible(kind, in) || out <= 0 || out > VN_MOST_OUT) return 0;
    return vn_tile_bytes(kind, in) * (size_t)(vn_up(out, VN_TILE) / VN_TILE);
}

static void pack_float32(const vn_source *row, uint8_t *tile, int lane) {
    float piece[PIECE], *to = (float *)tile + lane;
    const int width = vn_width(VN_FLOAT32, row->in);
    for (int from = 0; from < width; from += PIECE) {
        vn_read(row, from, piece);
        for (int k = from; k < width && k < from + PIECE; k++) to[(size_t)k * VN_TILE] = piece[k - from];
    }
}

static void pack_bfloat16(const vn_source *row, uint8_t *tile, int lane) {
    float piece[PIECE];
    uint16_t halves[PIECE];
    const int width = vn_width(VN_BFLOAT16, row->in);
    uint8_t *to = tile + 4 * lane;
    for (int from = 0; from < width; from += PIECE) {
        vn_read(row, from, piece);
        for (int k = 0; k < PIECE; k++) halves[k] = vn_narrow(piece[k]);
        for (int k = 0; k < PIECE && from + k < width; k += 2) memcpy(to + (size_t)(from + k) / 2 * VN_LINE, halves + k, 4);
    }
}

static float row_scale(const vn_source *row) {
    float piece[PIECE];
    int32_t peak = 0;
    for (int from = 0; from < row->in; from += PIECE) {
        vn_read(row, from, piece);
        const int32_t here = vn_peak(piece, PIECE);
        peak = here > peak ? here : peak;
    }
    if (peak >= 0x7f800000) return vn_float(0x7fc00000);
    const float largest = vn_float((uint32_t)peak);
    return (largest > VN_TINY ? largest : VN_TINY) / 127;
}

static void pack_int8(const vn_source *row, uint8_t *tile, int lane) {
    float piece[PIECE];
    uint8_t bytes[PIECE];
    const int width = vn_width(VN_INT8, row->in);
    const float scale = row_scale(row), step = scale == scale ? scale : 1;
    ((float *)tile)[lane] = VN_STEP * scale;
    uint8_t *to = tile + VN_LINE + 4 * lane;
    for (int from = 0; from < width; from += PIECE) {
        vn_read(row, from, piece);
        for (int k = 0; k < PIECE; k++) {
            const float q = scale == scale ? vn_round(piece[k] / step) : 0;
            bytes[k] = (uint8_t)((int32_t)q + 128);
        }
        for (int k = 0; k < PIECE && from + k < width; k += 4) memcpy(to + (size_t)(from + k) / 4 * VN_LINE, bytes + k, 4);
    }
}

/* The scale of a group, as bfloat16: the number of the largest magnitude becomes -8 of them, the end of the range that reaches
 * farther. */
static uint16_t group_scale(const float group[VN_GROUP]) {
    const int32_t peak = vn_peak(group, VN_GROUP);
    if (peak >= 0x7f800000) return 0x7fc0;
    int positive = 0;
    for (int k = 0; k < VN_GROUP; k++) positive |= (int32_t)vn_bits(group[k]) == peak;
    const float largest = vn_float((uint32_t)peak);
    return vn_narrow((positive ? largest : -largest) / -8);
}

/* A group in steps of its scale, each as 8 + q. */
static void quantise_group(const float group[VN_GROUP], float scale, uint8_t q[VN_GROUP]) {
    if (scale != scale || scale == 0) {
        memset(q, 8, VN_GROUP);
        return;
    }
    for (int k = 0; k < VN_GROUP; k++) { /* no more than 8 of them and a rounding, so the conversion is safe */
        const int32_t steps = (int32_t)vn_round(group[k] / scale);
        q[k] = (uint8_t)((steps < -8 ? -8 : steps > 7 ? 7 : steps) + 8);
    }
}

static void pack_int4(const vn_source *row, uint8_t *tile, int lane) {
    float piece[PIECE];
    uint8_t q[VN_GROUP];
    for (int from = 0; from < vn_width(VN_INT4, row->in); from += PIECE, tile += VN_BLOCK_BYTES) {
        vn_read(row, from, piece);
        for (int group = 0; group < 2; group++) {
            const uint16_t half = group_scale(piece + group * VN_GROUP);
            ((uint16_t *)tile)[group * VN_TILE + lane] = half;
            quantise_group(piece + group * VN_GROUP, vn_widen(half), q);
            uint8_t *to = tile + VN_LINE + group * 4 * VN_LINE + 4 * lane;
            for (int line = 0; line < 4; line++)
                for (int j = 0; j < 4; j++) to[line * VN_LINE + j] = (uint8_t)(q[8 * line + j] | q[8 * line + 4 + j] << 4);
        }
    }
}

static void pack_row(int kind, const vn_source *row, uint8_t *tile, int lane) {
    switch (kind) {
    case VN_FLOAT32: pack_float32(row, tile, lane); break;
    case VN_BFLOAT16: pack_bfloat16(row, tile, lane); break;
    case VN_INT8: pack_int8(row, tile, lane); break;
    default: pack_int4(row, tile, lane); break;
    }
}

/* The rows of a tile; none in those that fill up the last one. */
static void tile_rows(int out, int in, const void *source, int source_kind, ptrdiff_t stride, int tile, vn_source rows[VN_TILE]) {
    const int half = source_kind == VN_BFLOAT16;
    for (int lane = 0; lane < VN_TILE; lane++) {
        const int row = tile * VN_TILE + lane, there = row < out;
        const size_t first = there ? (size_t)row * (size_t)stride * (half ? 2 : 4) : 0;
        rows[lane] = (vn_source){(const uint8_t *)source + first, half, there ? in : 0, in};
    }
}

static int possible(int kind, int out, int in, const void *source, int source_kind, ptrdiff_t stride) {
    if (kind < 0 || kind >= VN_KINDS || (source_kind != VN_FLOAT32 && source_kind != VN_BFLOAT16)) return VN_BAD_KIND;
    if (!vn_packed_bytes(kind, out, in) || (out > 1 && stride < in)) return VN_BAD_SHAPE;
    return source ? VN_OK : VN_BAD_POINTER;
}

int vn_fits(int kind, int out, int in, const void *source, int source_kind, ptrdiff_t stride) {
    vn_source rows[VN_TILE];
    int tops[VN_TILE];
    const int wrong = possible(kind, out, in, source, source_kind, stride);
    if (wrong || kind != VN_SLIM) return wrong;
    for (int tile = 0; tile < vn_up(out, VN_TILE) / VN_TILE; tile++) {
        tile_rows(out, in, source, source_kind, stride, tile, rows);
        if (!vn_slim_tops(rows, tops)) return VN_NOT_SLIM;
    }
    return VN_OK;
}

int vn_pack(int kind, int out, int in, const void *source, int source_kind, ptrdiff_t stride, void *packed) {
    vn_source rows[VN_TILE];
    int tops[VN_TILE];
    const int wrong = possible(kind, out, in, source, source_kind, stride);
    if (wrong) return wrong;
    if (!packed || (uintptr_t)packed % VN_LINE) return VN_BAD_POINTER;
    for (int tile = 0; tile < vn_up(out, VN_TILE) / VN_TILE; tile++) {
        uint8_t *to = (uint8_t *)packed + vn_tile_bytes(kind, in) * (size_t)tile;
        tile_rows(out, in, source, source_kind, stride, tile, rows);
        if (kind == VN_SLIM && !vn_slim_tops(rows, tops)) return VN_NOT_SLIM;
        for (int lane = 0; lane < VN_TILE; lane++)
            if (kind == VN_SLIM)
                vn_pack_slim(rows + lane, tops[lane], to, lane);
            else
                pack_row(kind, rows + lane, to, lane);
    }
    return VN_OK;
}

/* The number that input k of a tile's lane stands for. */
static float unpacked(int kind, int in, const uint8_t *tile, int lane, int k) {
    switch (kind) {
    case VN_FLOAT32: return ((const float *)tile)[(size_t)k * VN_TILE + lane];
    case VN_BFLOAT16: return vn_widen(((const uint16_t *)tile)[(size_t)(k / 2) * 2 * VN_TILE + 2 * lane + k % 2]);
    case VN_SLIM: return vn_slim_number(tile, vn_width(kind, in), lane, k);
    case VN_INT8: {
        const int q = tile[VN_LINE + (size_t)(k / 4) * VN_LINE + 4 * lane + k % 4] - 128;
        return (float)q * (((const float *)tile)[lane] * 127);
    }
    default: {
        const uint8_t *block = tile + (size_t)(k / VN_BLOCK) * VN_BLOCK_BYTES;
        const int within = k % VN_BLOCK;
        const uint8_t byte = block[VN_LINE + within / 8 * VN_LINE + 4 * lane + within % 4];
        const int q = (within % 8 < 4 ? byte & 15 : byte >> 4) - 8;
        return (float)q * vn_widen(((const uint16_t *)block)[within / VN_GROUP * VN_TILE + lane]);
    }
    }
}

int vn_unpack(const vn_weight *weight, float *numbers, ptrdiff_t stride) {
    if (!weight || !weight->data || !numbers) return VN_BAD_POINTER;
    if (!vn_packed_bytes(weight->kind, weight->out, weight->in) || (weight->out > 1 && stride < weight->in)) return VN_BAD_SHAPE;
    const size_t bytes = vn_tile_bytes(weight->kind, weight->in);
    for (int lane = 0; lane < weight->out; lane++) {
        const uint8_t *tile = (const uint8_t *)weight->data + bytes * (size_t)(lane / VN_TILE);
        for (int k = 0; k < weight->in; k++) numbers[lane * stride + k] = unpacked(weight->kind, weight->in, tile, lane % VN_TILE, k);
    }
    return VN_OK;
}
