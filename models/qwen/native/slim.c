/* bfloat16 in 12 bits: what becomes what. */
#include "slim.h"
#include "pack.h"

/* The largest of the 15 exponents in a row that most of the row's numbers have, the largest such where there are several; and
 * how many have another, and are not zero. */
static int top_exponent(const vn_source *row, int *others) {
    float piece[PIECE];
    int counts[256] = {0}, best = 127, most = 0, zeros = 0;
    for (int from = 0; from < row->in; from += PIECE) {
        vn_read(row, from, piece);
        for (int k = 0; k < PIECE; k++) {
            const uint16_t half = vn_narrow(piece[k]);
            counts[half >> 7 & 255]++;
            zeros += !(half & 0x7fff);
        }
    }
    for (int top = VN_SLIM_MOST; top > 0; top--) {
        int within = 0;
        for (int e = top; e > 0 && e > top - VN_SLIM_CODES; e--) within += counts[e];
        if (within > most) most = within, best = top;
    }
    *others = vn_up(row->in, PIECE) - zeros - most;
    return best;
}

static int patches_in(int width) { return (int)(vn_patch_bytes((size_t)width) / sizeof(vn_patch)) - 1; }

int vn_tile_slims(const vn_source *rows) {
    int others = 0, here;
    for (int lane = 0; lane < VN_TILE; lane++, others += here) top_exponent(rows + lane, &here);
    return others <= patches_in(vn_width(VN_SLIM, rows->in));
}

/* The 12 bits of a number where bfloat16 has them; a patch of one that has none. */
static uint16_t slim_bits(uint16_t half, int top, int place, vn_patch *patches) {
    const int exponent = half >> 7 & 255, code = exponent - top + VN_SLIM_CODES;
    const int fits = exponent && code > 0 && code <= VN_SLIM_CODES;
    if (fits) return (uint16_t)((half & ~0x7f80) | code << 7);
    if (half & 0x7fff) patches[++patches->place] = (vn_patch){(uint32_t)place, vn_widen(half)};
    return half & VN_SLIM_SIGN;
}

void vn_pack_slim(const vn_source *row, uint8_t *tile, int lane) {
    int others;
    const int width = vn_width(VN_SLIM, row->in), top = top_exponent(row, &others);
    vn_patch *patches = (vn_patch *)(tile + vn_patches_at(width));
    if (!lane) memset(patches, 0, vn_patch_bytes((size_t)width));
    ((float *)tile)[lane] = vn_float((uint32_t)(top - VN_SLIM_OFF + 127) << 23);
    float piece[PIECE];
    uint16_t bits[8], words[6];
    uint8_t *to = tile + VN_LINE + 4 * lane;
    for (int from = 0; from < width; from += 8, to += 3 * VN_LINE) {
        if (from % PIECE == 0) vn_read(row, from, piece);
        for (int k = 0; k < 8; k++)
            bits[k] = slim_bits(vn_narrow(piece[from % PIECE + k]), top, (from + k) * VN_TILE + lane, patches);
        for (int k = 0; k < 2; k++) {
            const uint16_t last = bits[6 + k];
            words[k] = (uint16_t)(bits[k] | (last & VN_SLIM_SIGN) >> 1 | (last & VN_SLIM_LOW) << 11);
            words[2 + k] = (uint16_t)(bits[2 + k] | (last & VN_SLIM_CODE) << 4);
            words[4 + k] = (uint16_t)(bits[4 + k] | (last & VN_SLIM_HIGH) << 8);
        }
        for (int line = 0; line < 3; line++) memcpy(to + line * VN_LINE, words + 2 * line, 4);
    }
}

float vn_slim_number(const uint8_t *tile, int width, int lane, int k) {
    const uint16_t *three = (const uint16_t *)(tile + VN_LINE + (size_t)k / 8 * 3 * VN_LINE) + 2 * lane + k % 2;
    uint16_t four[4];
    vn_four_lines(three, 1, four);
    const uint16_t bits = four[k % 8 / 2];
    if (bits & VN_SLIM_CODE) return vn_widen(bits) * VN_SLIM_UP * ((const float *)tile)[lane];
    const vn_patch *patch = (const vn_patch *)(tile + vn_patches_at(width));
    for (uint32_t left = patch->place; left; left--)
        if ((++patch)->place == (uint32_t)(k * VN_TILE + lane)) return patch->value;
    return vn_widen(bits);
}
