/* Threads that wait by looking again, so that what they wait for finds them awake; after a while they sleep, and the core is
 * another's. */
#define _GNU_SOURCE /* for the core that a thread is on, where that is told */
#include "native.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* Looks before the core is offered to others: some ten microseconds, longer than threads of equal work are apart. */
enum { LOOKS = 500 };
/* Nanoseconds after which a thread sleeps: about what waking it will take. Who is late by more has lost its core, and gets one
 * back sooner when nobody else is looking. */
static const int64_t PATIENCE = 50 * 1000;

typedef struct {
    vn_pool *pool;
    int number;
    int64_t moved; /* when it last changed its core by itself */
    _Atomic int core;
    pthread_t handle;
} worker;

/* What is written by different threads lies in lines of its own. */
struct vn_pool {
    int threads;
    unsigned forks; /* how often the process had been forked when this was opened */
    vn_task task;
    void *argument;
    pthread_mutex_t running; /* by whoever runs something now */
    pthread_mutex_t quiet;   /* with `wake`: for those who sleep */
    pthread_cond_t wake;
    _Alignas(64) _Atomic unsigned round; /* counts runs, and the end */
    _Atomic int ending;
    _Alignas(64) _Atomic unsigned ended; /* counts runs that all others have done */
    _Alignas(64) _Atomic unsigned meeting; /* counts meetings that everybody came to */
    _Alignas(64) _Atomic int sleepers;
    _Alignas(64) _Atomic int finished; /* others, in this run */
    _Alignas(64) _Atomic int arrived;  /* threads, at this meeting */
    _Alignas(64) worker workers[];
};

/* How often this process is a child of one that had this library loaded: threads do not come along. */
static _Atomic unsigned forks;

static void count_fork(void) { atomic_fetch_add(&forks, 1); }

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, count_fork); }

static void look_again(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int is(_Atomic unsigned *counter, unsigned old) { return atomic_load_explicit(counter, memory_order_acquire) == old; }

static void sleep_through(vn_pool *pool, _Atomic unsigned *counter, unsigned old) {
    pthread_mutex_lock(&pool->quiet);
    atomic_fetch_add(&pool->sleepers, 1);
    while (atomic_load(counter) == old) pthread_cond_wait(&pool->wake, &pool->quiet);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->quiet);
}

/* Say which core the thread is on. */
static void settle(worker *me) {
#if defined(__linux__)
    atomic_store_explicit(&me->core, sched_getcpu(), memory_order_relaxed);
#else
    (void)me;
#endif
}

/* Leave a core that a thread before this one is on: threads that wait so politely are left together on one by the system, where
 * they take turns. */
static void spread(worker *me) {
#if defined(__linux__)
    const int64_t settled = 1000 * 1000; /* a move is dear, and the system may have had its reasons */
    cpu_set_t allowed, apart;
    int together = 0;
    settle(me);
    for (int number = 0; number < me->number; number++) together |= me->pool->workers[number].core == me->core;
    if (!together || now() - me->moved < settled || sched_getaffinity(0, sizeof allowed, &allowed)) return;
    me->moved = now();
    apart = allowed;
    for (int number = 0; number < me->number; number++) {
        const int core = me->pool->workers[number].core;
        if (core >= 0 && core < CPU_SETSIZE) CPU_CLR(core, &apart);
    }
    if (!CPU_COUNT(&apart) || sched_setaffinity(0, sizeof apart, &apart)) return;
    sched_setaffinity(0, sizeof allowed, &allowed); /* it stays where it is, and may be moved again */
    settle(me);
#else
    (void)me;
#endif
}

/* Wait for `counter` to leave `old`. */
static void await(worker *me, _Atomic unsigned *counter, unsigned old) {
    vn_pool *pool = me->pool;
    for (int i = 0; i < LOOKS; i++) {
        if (!is(counter, old)) return;
        look_again();
    }
    if (me->number) spread(me); /* the caller's core is its own affair */
    for (const int64_t until = now() + PATIENCE; now() < until; sched_yield())
        if (!is(counter, old)) return;
    sleep_through(pool, counter, old);
}

/* Count on, and wake whoever sleeps. */
static void count(vn_pool *pool, _Atomic unsigned *counter) {
    atomic_fetch_add(counter, 1); /* before `sleepers` is read, as a sleeper writes that before it reads this */
    if (!atomic_load(&pool->sleepers)) return;
    pthread_mutex_lock(&pool->quiet);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->quiet);
}

static void *work(void *argument) {
    worker *me = argument;
    vn_pool *pool = me->pool;
    for (unsigned round = 0;; round++) {
        await(me, &pool->round, round);
        if (atomic_load(&pool->ending)) return NULL;
        const int others = pool->threads - 1;
        spread(me);
        pool->task(pool->argument, me->number, pool->threads);
        if (atomic_fetch_add(&pool->finished, 1) + 1 == others) count(pool, &pool->ended);
    }
}

/* Start threads 1 to `threads` - 1; signals are for the threads that were there before. How many threads there are now. */
static int start(vn_pool *pool, int threads) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = 1;
    for (; number < threads; number++) {
        worker *one = &pool->workers[number];
        if (pthread_create(&one->handle, NULL, work, one)) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

vn_pool *vn_pool_open(int threads) {
    if (threads < 1) threads = 1;
    if (threads > 1024) threads = 1024; /* more than a machine's cores; each costs a stack */
    const size_t bytes = (sizeof(vn_pool) + (size_t)threads * sizeof(worker) + 63) / 64 * 64;
    vn_pool *pool = aligned_alloc(64, bytes);
    if (!pool) return NULL;
    *pool = (vn_pool){.threads = threads, .forks = atomic_load(&forks)};
    for (int number = 0; number < threads; number++) pool->workers[number] = (worker){.pool = pool, .number = number, .core = -1};
    pthread_mutex_init(&pool->running, NULL);
    pthread_mutex_init(&pool->quiet, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = start(pool, threads);
    return pool;
}

/* Whether nobody but the caller is there. */
static int alone(const vn_pool *pool) {
    return !pool || pool->threads == 1 || pool->forks != atomic_load_explicit(&forks, memory_order_relaxed);
}

void vn_pool_close(vn_pool *pool) {
    if (!pool) return;
    if (!alone(pool)) {
        pthread_mutex_lock(&pool->running);
        atomic_store(&pool->ending, 1);
        count(pool, &pool->round);
        for (int number = 1; number < pool->threads; number++) pthread_join(pool->workers[number].handle, NULL);
        pthread_mutex_unlock(&pool->running);
        pthread_cond_destroy(&pool->wake);
        pthread_mutex_destroy(&pool->quiet);
        pthread_mutex_destroy(&pool->running);
    }
    free(pool);
}

int vn_pool_threads(const vn_pool *pool) { return alone(pool) ? 1 : pool->threads; }

void vn_pool_run(vn_pool *pool, vn_task task, void *argument) {
    if (alone(pool)) {
        task(argument, 0, 1);
        return;
    }
    pthread_mutex_lock(&pool->running);
    pool->task = task;
    pool->argument = argument;
    atomic_store(&pool->finished, 0);
    const unsigned ended = atomic_load(&pool->ended);
    settle(&pool->workers[0]);
    count(pool, &pool->round);
    task(argument, 0, pool->threads);
    await(&pool->workers[0], &pool->ended, ended);
    pthread_mutex_unlock(&pool->running);
}

void vn_pool_meet(vn_pool *pool, int thread) {
    if (alone(pool)) return;
    worker *me = &pool->workers[thread];
    settle(me);
    const unsigned meeting = atomic_load(&pool->meeting);
    if (atomic_fetch_add(&pool->arrived, 1) + 1 < pool->threads) {
        await(me, &pool->meeting, meeting);
        return;
    }
    atomic_store(&pool->arrived, 0);
    count(pool, &pool->meeting);
}
