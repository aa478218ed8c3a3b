/* Which way to multiply: chosen by what the processor has, or by name. */
#include "inner.h"

#include <stdatomic.h>

enum { VERSION = 2, LAYOUT = 2 };

/* The fastest first. */
static const vn_family *const families[] = {
#if defined(__x86_64__)
    &vn_avx512bf16, &vn_avx512vnni, &vn_avx512, &vn_avxvnni, &vn_avx2,
#elif defined(__aarch64__)
    &vn_neon,
#endif
    &vn_portable,
};
enum { FAMILIES = sizeof families / sizeof *families };

static _Atomic(const vn_family *) chosen;

static const vn_family *family_at(int index) {
    for (int i = 0; i < FAMILIES; i++)
        if (families[i]->runs() && index-- == 0) return families[i];
    return NULL;
}

const vn_family *vn_family_now(void) {
    const vn_family *family = atomic_load_explicit(&chosen, memory_order_acquire);
    if (!family) {
        family = family_at(0);
        atomic_store_explicit(&chosen, family, memory_order_release);
    }
    return family;
}

int vn_version(void) { return VERSION; }

int vn_layout_version(void) { return LAYOUT; }

const char *vn_path(void) { return vn_family_now()->name; }

const char *vn_path_at(int index) {
    const vn_family *family = index < 0 ? NULL : family_at(index);
    return family ? family->name : NULL;
}

int vn_use(const char *path) {
    for (int i = 0; path && i < FAMILIES; i++)
        if (!strcmp(path, families[i]->name) && families[i]->runs()) {
            atomic_store_explicit(&chosen, families[i], memory_order_release);
            return VN_OK;
        }
    return VN_NO_PATH;
}

const char *vn_error(int error) {
    static const char *const words[] = {
        [VN_OK] = "nothing is wrong",
        [VN_BAD_SHAPE] = "no such shape: a weight has 1 to 2^24 outputs and 1 to 2^17 inputs, rows do not overlap",
        [VN_BAD_KIND] = "no such kind of numbers",
        [VN_BAD_POINTER] = "memory is missing or not aligned to 64 bytes",
        [VN_NO_PATH] = "this processor cannot run that",
        [VN_NOT_SLIM] = "too many numbers are far from the size of their row's others to be kept in 12 bits",
    };
    return error >= 0 && error < (int)(sizeof words / sizeof *words) ? words[error] : "an unknown error";
}
