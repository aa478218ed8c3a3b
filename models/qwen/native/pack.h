/* Rows of a weight as they are read for packing. */
#ifndef VOICED_NATIVE_PACK_H
#define VOICED_NATIVE_PACK_H

#include "inner.h"

enum { PIECE = VN_BLOCK }; /* inputs that are looked at together: whole groups, whole lines */

/* One row of what is packed. */
typedef struct {
    const void *numbers;
    int half;  /* in bfloat16 */
    int count; /* how many: none in a row that fills up the last tile */
    int in;
} vn_source;

/* Inputs [from, from + PIECE) of a row, zeros after its end. */
VN_INLINE void vn_read(const vn_source *row, int from, float piece[PIECE]) {
    const int count = row->count - from < PIECE ? row->count - from : PIECE;
    memset(piece, 0, PIECE * sizeof *piece);
    if (count <= 0) return;
    if (row->half) {
        const uint16_t *numbers = (const uint16_t *)row->numbers + from;
        for (int k = 0; k < count; k++) piece[k] = vn_widen(numbers[k]);
    } else {
        memcpy(piece, (const float *)row->numbers + from, (size_t)count * 4);
    }
}

/* The largest exponents that the 16 rows of a tile have where they are slim; 0 if they cannot be (slim.c). */
int vn_slim_tops(const vn_source *rows, int tops[VN_TILE]);
void vn_pack_slim(const vn_source *row, int top, uint8_t *tile, int lane);
/* The number that input k of a slim tile's lane stands for. */
float vn_slim_number(const uint8_t *tile, int width, int lane, int k);

#endif
