/* What the files of this library share, and what Python calls. Plain C11: nothing of torch's, nothing of Python's.
 *
 * Activations and results are float32. A weight is [out, in], packed once in tiles of 16 outputs; one that is not a multiple
 * of the tile is padded with zeros. Memory belongs to the caller, is 64-byte aligned and must outlive its use. No function
 * allocates but vn_pool_open; every int is 0, or what is wrong (vn_error).
 *
 * A row comes out the same, bit for bit, alone and among others, by any tiles and any number of threads. int8 and int4 come
 * out the same on every processor; so does bfloat16, but for numbers below 2^-126, which some take for zero; float32 does up to
 * the rounding of its sums. Slim is bfloat16 in 12 bits a number, and stands for the same numbers: whoever reads three quarters
 * of the memory waits three quarters of the time. Activations beyond 2^64 are infinite to it, and those below 2^-64 may be none.
 */
#ifndef VOICED_NATIVE_H
#define VOICED_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#define VN_API __attribute__((visibility("default")))

typedef enum { VN_FLOAT32 = 0, VN_BFLOAT16 = 1, VN_INT8 = 2, VN_INT4 = 3, VN_SLIM = 4 } vn_kind;
enum { VN_KINDS = 5, VN_TILE = 16 };

/* A packed weight. */
typedef struct {
    int32_t kind; /* vn_kind */
    int32_t out, in;
    const void *data; /* vn_packed_bytes of them */
} vn_weight;

/* --- the library itself (cpu.c) ---------------------------------------------------------------------------------- */

/* What vn_pack answers for a weight that is only to be had in bfloat16. */
enum { VN_NOT_SLIM = 5 };

/* Changes with this header: a library built from other sources is not called. */
VN_API int vn_version(void);
/* Changes with the bytes that vn_pack writes. They are the same on every little-endian processor and may lie anywhere. */
VN_API int vn_layout_version(void);
VN_API const char *vn_error(int error);

/* Which of the ways to multiply is used now: avx512bf16 (and vnni), avx512vnni, avx512, avxvnni, avx2, neon or portable; the fastest until told. */
VN_API const char *vn_path(void);
/* The ways that this machine can run, the fastest first; NULL after the last. */
VN_API const char *vn_path_at(int index);
/* Use this one from now on. Not while anything is multiplied; rows made ready before are not ready for it. */
VN_API int vn_use(const char *path);

/* --- weights (pack.c) ------------------------------------------------------------------------------------------- */

/* Bytes that a packed weight takes; 0 for a shape or kind that cannot be. */
VN_API size_t vn_packed_bytes(int kind, int out, int in);
/* Pack `source` [out, in], float32 or bfloat16 (`source_kind`), `stride` elements from row to row. A row (int4: a group) that
 * holds what is no finite number becomes NaN in int8 and int4. Slim refuses what does not fit: VN_NOT_SLIM. */
VN_API int vn_pack(int kind, int out, int in, const void *source, int source_kind, ptrdiff_t stride, void *packed);
/* VN_NOT_SLIM for what has too many numbers far from the size of their row's others to be slim; else what vn_pack would answer. */
VN_API int vn_fits(int kind, int out, int in, const void *source, int source_kind, ptrdiff_t stride);
/* The numbers that a packed weight stands for, [out, in] in float32. */
VN_API int vn_unpack(const vn_weight *weight, float *numbers, ptrdiff_t stride);

/* --- products (products.c, one file a processor family behind it) ------------------------------------------------ */

/* Bytes that `rows` activation rows take when they are made ready for weights of this kind and width; 0 if that cannot be.
 * One row takes the same wherever it stands: row r is at r * vn_input_bytes(kind, 1, in). */
VN_API size_t vn_input_bytes(int kind, int rows, int in);
/* Make rows x [rows, in] ready: rounded to bfloat16, or quantised to 8 bits with one scale a row. The same for a row whatever
 * the others are; one with NaN or infinity in it comes out as NaN in int8 and int4. */
VN_API void vn_prepare(int kind, int rows, int in, const float *x, ptrdiff_t stride, void *input);
/* y[:, first*16 : last*16] = x times the weight's tiles [first, last), of rows made ready. Any thread may do any tiles. */
VN_API void vn_multiply(const vn_weight *weight, int rows, const void *input, float *y, ptrdiff_t stride, int first, int last);

/* --- threads (pool.c) --------------------------------------------------------------------------------------------- */

typedef struct vn_pool vn_pool;
typedef void (*vn_task)(void *argument, int thread, int threads);

/* So many threads, the caller being one of them (fewer where the system gives no more); NULL without memory. */
VN_API vn_pool *vn_pool_open(int threads);
VN_API void vn_pool_close(vn_pool *pool);
/* How many there are; 1 in a process that was forked from the pool's own, and for NULL, which is the caller alone. */
VN_API int vn_pool_threads(const vn_pool *pool);
/* Every thread does the task once, the caller is thread 0; comes back when all are done. One run at a time: a second caller
 * waits. A task starts no run on its own pool. */
VN_API void vn_pool_run(vn_pool *pool, vn_task task, void *argument);
/* Inside of a task: wait until every thread is here. */
VN_API void vn_pool_meet(vn_pool *pool, int thread);

/* One product, all tiles shared out among the threads: x [rows, in] -> y [rows, out]. `scratch` holds vn_input_bytes. */
VN_API int vn_matmul(vn_pool *pool, const vn_weight *weight, int rows, const float *x, ptrdiff_t x_stride, float *y,
                     ptrdiff_t y_stride, void *scratch);

#endif
