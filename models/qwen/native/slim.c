/* bfloat16 in 12 bits: what becomes what. */
#include "slim.h"
#include "pack.h"

enum { TABLES = 4 }; /* counted side by side: one would wait for itself wherever the same exponent comes again */

/* Inputs [from, from + PIECE) of a row in bfloat16. */
static void read_halves(const vn_source *row, int from, uint16_t halves[PIECE]) {
    float piece[PIECE];
    if (row->half && from + PIECE <= row->count) {
        memcpy(halves, (const uint16_t *)row->numbers + from, PIECE * sizeof *halves);
        return;
    }
    vn_read(row, from, piece);
    for (int k = 0; k < PIECE; k++) halves[k] = vn_narrow(piece[k]);
}

/* The largest of the 15 exponents in a row that most of the row's numbers have, the largest such where there are several; and
 * how many have another, and are not zero. */
static int top_exponent(const vn_source *row, int *others) {
    int counts[TABLES][256] = {{0}}, best = 127, most = 0, zeros = 0;
    uint16_t halves[PIECE];
    for (int from = 0; from < row->count; from += PIECE) {
        read_halves(row, from, halves);
        for (int k = 0; k < PIECE; k++) zeros += !(halves[k] & 0x7fff);
        for (int k = 0; k < PIECE; k++) counts[k % TABLES][halves[k] >> 7 & 255]++;
    }
    for (int table = 1; table < TABLES; table++)
        for (int e = 0; e < 256; e++) counts[0][e] += counts[table][e];
    for (int top = VN_SLIM_MOST; top > 0; top--) {
        int within = 0;
        for (int e = top; e > 0 && e > top - VN_SLIM_CODES; e--) within += counts[0][e];
        if (within > most) most = within, best = top;
    }
    *others = vn_up(row->count, PIECE) - zeros - most;
    return best;
}

int vn_slim_tops(const vn_source *rows, int tops[VN_TILE]) {
    const int width = vn_width(VN_SLIM, rows->in), room = (int)(vn_patch_bytes((size_t)width) / sizeof(vn_patch)) - 1;
    int patches = 0, here;
    for (int lane = 0; lane < VN_TILE; lane++, patches += here) tops[lane] = top_exponent(rows + lane, &here);
    return patches <= room;
}

/* Numbers to the 12 bits that they have where bfloat16 has them, all that have none to zero. Returns how many those are. */
static int slim_bits(const uint16_t halves[PIECE], int top, uint16_t bits[PIECE]) {
    int others = 0;
    for (int k = 0; k < PIECE; k++) {
        const int exponent = halves[k] >> 7 & 255, code = exponent - top + VN_SLIM_CODES;
        const int fits = (exponent > 0) & (code > 0) & (code <= VN_SLIM_CODES);
        bits[k] = (uint16_t)((halves[k] & VN_SLIM_SIGN) | (fits ? (halves[k] & 0x7f) | code << 7 : 0));
        others += !fits & ((halves[k] & 0x7fff) > 0);
    }
    return others;
}

/* Bits of 8 inputs to a lane of three lines. */
static void put_lines(const uint16_t bits[8], uint8_t *to) {
    uint16_t words[3][2];
    for (int k = 0; k < 2; k++) {
        const uint16_t last = bits[6 + k];
        words[0][k] = (uint16_t)(bits[k] | (last & VN_SLIM_SIGN) >> 1 | (last & VN_SLIM_LOW) << 11);
        words[1][k] = (uint16_t)(bits[2 + k] | (last & VN_SLIM_CODE) << 4);
        words[2][k] = (uint16_t)(bits[4 + k] | (last & VN_SLIM_HIGH) << 8);
    }
    for (int line = 0; line < 3; line++) memcpy(to + line * VN_LINE, words[line], 4);
}

void vn_pack_slim(const vn_source *row, int top, uint8_t *tile, int lane) {
    const int width = vn_width(VN_SLIM, row->in);
    vn_patch *patches = (vn_patch *)(tile + vn_patches_at(width));
    uint8_t *to = tile + VN_LINE + 4 * lane;
    uint16_t halves[PIECE], bits[PIECE];
    if (!lane) memset(patches, 0, vn_patch_bytes((size_t)width));
    ((float *)tile)[lane] = vn_float((uint32_t)(top - VN_SLIM_OFF + 127) << 23);
    for (int from = 0; from < width; from += PIECE) {
        read_halves(row, from, halves);
        const int others = slim_bits(halves, top, bits);
        for (int k = 0; others && k < PIECE; k++)
            if (halves[k] & 0x7fff && !(bits[k] & VN_SLIM_CODE))
                patches[++patches->place] = (vn_patch){(uint32_t)((from + k) * VN_TILE + lane), vn_widen(halves[k])};
        for (int k = 0; k < PIECE && from + k < width; k += 8, to += 3 * VN_LINE) put_lines(bits + k, to);
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
