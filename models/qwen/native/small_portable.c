/* The small operations for any processor. */
#include "small.h"

#define LANES 4
#include "vector.inc"

#include "small.inc"

const vn_small vn_small_portable = {norm, turn, add, gate, keep, fetch, look, soften};
