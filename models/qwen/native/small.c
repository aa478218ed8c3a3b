/* Which of the small operations are used. */
#include "small.h"

#include <string.h>

const vn_small *vn_small_used(void) {
#if defined(__x86_64__)
    const char *path = vn_path();
    if (!strncmp(path, "avx512", 6)) return &vn_small_avx512;
    if (!strncmp(path, "avx", 3)) return &vn_small_avx2;
#endif
    return &vn_small_portable;
}
