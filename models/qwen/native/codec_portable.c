/* The codec's stages for any processor. */
#include "codec.h"

#define LANES 4
#include "vector.inc"

#define MOST 4
#define MULADD(a, b, c) ((a) * (b) + (c))
#define SPREAD(x) all(x)
#include "codec_mix.inc"

#include "codec_hear.inc"

const vn_codec_ways vn_codec_portable = {mix, near, wave, norm, gate, look};
