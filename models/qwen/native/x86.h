/* What an x86 processor has, and its system saves. */
#ifndef VOICED_NATIVE_X86_H
#define VOICED_NATIVE_X86_H

#include <cpuid.h>

enum { VN_LEAF1_ECX, VN_LEAF7_EBX, VN_LEAF7_ECX, VN_LEAF71_EAX };

/* The registers of cpuid in which the features stand. */
static inline unsigned vn_cpuid(int which) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (which == VN_LEAF1_ECX) return __get_cpuid(1, &a, &b, &c, &d) ? c : 0;
    if (!__get_cpuid_count(7, which == VN_LEAF71_EAX, &a, &b, &c, &d)) return 0;
    return which == VN_LEAF7_EBX ? b : which == VN_LEAF7_ECX ? c : a;
}

static inline int vn_has(int which, unsigned bits) { return (vn_cpuid(which) & bits) == bits; }

/* Whether the system saves these registers: 6 for 256 bits, 0xe6 for 512. */
static inline int vn_saves(unsigned bits) {
    unsigned low, high;
    if (!vn_has(VN_LEAF1_ECX, 1u << 27)) return 0; /* osxsave */
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & bits) == bits;
}

static inline int vn_has_avx2(void) { /* and fma */
    return vn_saves(6) && vn_has(VN_LEAF1_ECX, 1u << 12) && vn_has(VN_LEAF7_EBX, 1u << 5);
}

static inline int vn_has_avxvnni(void) { return vn_has_avx2() && vn_has(VN_LEAF71_EAX, 1u << 4); }

static inline int vn_has_avx512(void) { /* f, dq, bw, vl */
    return vn_saves(0xe6) && vn_has_avx2() && vn_has(VN_LEAF7_EBX, 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31);
}

static inline int vn_has_avx512vnni(void) { return vn_has_avx512() && vn_has(VN_LEAF7_ECX, 1u << 11); }

static inline int vn_has_avx512bf16(void) { /* and vnni */
    return vn_has_avx512vnni() && vn_has(VN_LEAF71_EAX, 1u << 5); }

#endif
