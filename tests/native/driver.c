/* Runs every kernel over odd shapes and hard numbers with buffers of exactly the size that is asked for, for the sanitizers and
 * valgrind to watch; ends with 1 where a number is wrong. Numbers to the last bit are the Python tests' affair. */
#define _DEFAULT_SOURCE
#include "native.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

static void expect(int right, const char *what) {
    if (right) return;
    fprintf(stderr, "%s: %s\n", vn_path(), what);
    failures++;
}

static float number(void) {
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return (float)(int32_t)state / 2147483648.0f;
}

static float *numbers(size_t count) {
    float *made = malloc(count * sizeof *made + !count);
    for (size_t i = 0; i < count; i++) made[i] = number();
    return made;
}

/* How far y may be from the exact product, as a part of the two lengths. */
static const double tolerance[VN_KINDS] = {1e-5, 1e-2, 2e-2, 2e-2, 1e-2};

static void compare(const vn_weight *weight, int rows, const float *x, const float *y) {
    const int in = weight->in, out = weight->out;
    float *stands_for = malloc((size_t)out * in * sizeof *stands_for);
    expect(!vn_unpack(weight, stands_for, in), "unpacking");
    for (int row = 0; row < rows; row++)
        for (int o = 0; o < out; o++) {
            double exact = 0, length = 0, width = 0;
            for (int k = 0; k < in; k++) {
                const double w = stands_for[(size_t)o * in + k], v = x[(size_t)row * in + k];
                exact += w * v, length += w * w, width += v * v;
            }
            const double limit = tolerance[weight->kind] * sqrt(length * width) + 1e-30;
            expect(fabs(y[(size_t)row * out + o] - exact) <= limit, "a product");
        }
    free(stands_for);
}

static void product(vn_pool *pool, int kind, int out, int in, int rows) {
    float *source = numbers((size_t)out * in), *x = numbers((size_t)rows * in), *y = numbers((size_t)rows * out);
    float *alone = numbers((size_t)out);
    vn_weight weight = {kind, out, in, aligned_alloc(64, vn_packed_bytes(kind, out, in))};
    void *scratch = aligned_alloc(64, vn_input_bytes(kind, rows, in) + 64 * !rows), *one = aligned_alloc(64, vn_input_bytes(kind, 1, in));
    expect(!vn_pack(kind, out, in, source, VN_FLOAT32, in, (void *)weight.data), "packing");
    expect(!vn_matmul(pool, &weight, rows, x, in, y, out, scratch), "multiplying");
    compare(&weight, rows, x, y);
    for (int row = 0; row < rows; row++) {
        expect(!vn_matmul(NULL, &weight, 1, x + (size_t)row * in, in, alone, out, one), "multiplying a row");
        expect(!memcmp(alone, y + (size_t)row * out, (size_t)out * sizeof *y), "a row alone");
    }
    if (rows) { /* what is no number stays in its row */
        float *again = numbers((size_t)rows * out);
        x[in - 1] = in % 2 ? NAN : INFINITY;
        expect(!vn_matmul(pool, &weight, rows, x, in, again, out, scratch), "multiplying infinity");
        expect(!memcmp(again + out, y + out, (size_t)(rows - 1) * out * sizeof *y), "a neighbour");
        expect(!isfinite(again[0]) || (kind != VN_INT8 && kind != VN_INT4), "infinity");
        free(again);
    }
    free(source), free(x), free(y), free(alone), free((void *)weight.data), free(scratch), free(one);
}

static void bfloat16_source(int kind, int out, int in) {
    float *source = numbers((size_t)out * in);
    uint16_t *halves = malloc((size_t)out * in * sizeof *halves);
    for (size_t i = 0; i < (size_t)out * in; i++) {
        uint32_t bits;
        memcpy(&bits, source + i, 4);
        halves[i] = (uint16_t)(bits >> 16);
        bits &= 0xffff0000;
        memcpy(source + i, &bits, 4);
    }
    const size_t bytes = vn_packed_bytes(kind, out, in);
    void *a = aligned_alloc(64, bytes), *b = aligned_alloc(64, bytes);
    expect(!vn_pack(kind, out, in, source, VN_FLOAT32, in, a) && !vn_pack(kind, out, in, halves, VN_BFLOAT16, in, b), "packing");
    expect(!memcmp(a, b, bytes), "bfloat16 is packed as the same numbers in float32");
    free(source), free(halves), free(a), free(b);
}

static void hard_weights(int kind) {
    enum { OUT = 17, IN = 70 };
    static const float hard[] = {NAN, INFINITY, -INFINITY, 0, -0.0f, 1e-45f, -1e-39f, 3.4e38f, -3.4e38f, 1};
    float source[OUT * IN], x[IN], y[OUT];
    for (int i = 0; i < OUT * IN; i++) source[i] = i / IN < 12 ? (i / IN < 10 ? hard[i / IN] : hard[i % 10]) : number();
    for (int i = 0; i < IN; i++) x[i] = number();
    vn_weight weight = {kind, OUT, IN, aligned_alloc(64, vn_packed_bytes(kind, OUT, IN))};
    void *scratch = aligned_alloc(64, vn_input_bytes(kind, 1, IN));
    if (kind == VN_SLIM) { /* of each row only the first may be hard */
        expect(vn_pack(kind, OUT, IN, source, VN_FLOAT32, IN, (void *)weight.data) == VN_NOT_SLIM, "refusing");
        for (int i = 0; i < OUT * IN; i++) source[i] = i % IN ? number() : source[i];
    }
    expect(!vn_pack(kind, OUT, IN, source, VN_FLOAT32, IN, (void *)weight.data), "packing");
    expect(!vn_matmul(NULL, &weight, 1, x, IN, y, OUT, scratch), "multiplying");
    for (int o = 0; o < OUT; o++) expect(o < 3 || o == 10 || o == 11 ? !isfinite(y[o]) : o == 7 || o == 8 || isfinite(y[o]), "hard weights");
    free((void *)weight.data), free(scratch);
}

static void refusals(void) {
    _Alignas(64) char memory[8192];
    const float x[1] = {1};
    expect(!vn_packed_bytes(VN_INT8, 0, 1) && !vn_packed_bytes(VN_INT8, 1, 0) && !vn_packed_bytes(VN_KINDS, 1, 1), "no shape");
    expect(!vn_packed_bytes(VN_INT8, 1, (1 << 17) + 1) && !vn_packed_bytes(-1, 1, 1), "too wide");
    expect(vn_pack(VN_INT8, 1, 1, x, VN_INT8, 1, memory), "a source in int8");
    expect(vn_pack(VN_INT8, 1, 1, x, VN_FLOAT32, 1, memory + 4), "memory that is not aligned");
    expect(vn_pack(VN_INT8, 2, 1, x, VN_FLOAT32, 0, memory), "rows over each other");
    expect(vn_use("abacus"), "an unknown path");
    expect(*vn_error(99) && *vn_error(-1) && *vn_error(1), "words");
}

typedef struct {
    vn_pool *pool;
    int counts[64];
} meeting;

static void meet(void *argument, int thread, int threads) {
    meeting *m = argument;
    for (int turn = 0; turn < 50; turn++) {
        m->counts[thread]++;
        vn_pool_meet(m->pool, thread);
        for (int i = 0; i < threads; i++)
            if (m->counts[i] != m->counts[thread]) abort();
        vn_pool_meet(m->pool, thread);
    }
}

static void pools(void) {
    for (int threads = 0; threads <= 5; threads++) {
        meeting m = {vn_pool_open(threads), {0}};
        for (int turn = 0; turn < 20; turn++) {
            vn_pool_run(m.pool, meet, &m);
            if (turn % 7 == 6) usleep(4000); /* they sleep by then */
        }
        for (int i = 0; i < vn_pool_threads(m.pool); i++) expect(m.counts[i] == 1000, "a thread's turns");
        vn_pool_close(m.pool);
    }
    vn_pool_close(NULL);
}

static void forked(void) {
    meeting m = {vn_pool_open(3), {0}};
    vn_pool_run(m.pool, meet, &m);
    const pid_t child = fork();
    if (!child) {
        alarm(60);
        const int threads = vn_pool_threads(m.pool);
        vn_pool_run(m.pool, meet, &m);
        vn_pool_close(m.pool);
        vn_pool *own = vn_pool_open(2);
        meeting again = {own, {0}};
        vn_pool_run(own, meet, &again);
        vn_pool_close(own);
        _exit(threads != 1 || m.counts[0] != 100 || again.counts[1] != 50);
    }
    int status = 1;
    waitpid(child, &status, 0);
    expect(!status, "a forked child");
    vn_pool_run(m.pool, meet, &m);
    expect(m.counts[2] == 100, "the pool after a fork");
    vn_pool_close(m.pool);
}

int main(int count, char **arguments) {
    const char *paths[16];
    int known = 0;
    while ((paths[known] = vn_path_at(known))) known++;
    refusals();
    pools();
    if (count < 2 || strcmp(arguments[1], "stay")) forked();
    vn_pool *pool = vn_pool_open(3);
    for (int i = 0; i < known; i++) {
        expect(!vn_use(paths[i]), "a path that is there");
        for (int kind = 0; kind < VN_KINDS; kind++) {
            static const int shapes[][3] = {{1, 1, 1}, {16, 64, 2}, {15, 3, 3}, {17, 33, 9}, {48, 95, 16}, {257, 129, 5}, {300, 300, 17}, {33, 65, 0}};
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) product(pool, kind, shapes[s][0], shapes[s][1], shapes[s][2]);
            bfloat16_source(kind, 19, 67);
            hard_weights(kind);
        }
        printf("%s\n", paths[i]);
    }
    vn_pool_close(pool);
    return failures > 0;
}
