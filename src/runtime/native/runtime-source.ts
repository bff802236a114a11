// The C side of the native runtime: memory, threads, launches. Compiled once per machine; programs are loaded into it.
//
// Threads: thread 0 runs the program. A step worth sharing is published as pieces in one word, the ticket
// (number of the step : 32, pieces taken from the front : 16, from the back : 16); whoever swaps the word owns a piece.
// Even threads take from the front, odd ones from the back, so that a thread meets the same memory run after run.
// Thread 0 takes pieces as well and waits only for pieces begun: a thread that sleeps or is not scheduled delays nobody.

export const RUNTIME_SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
#define PUBLIC __attribute__((visibility("default")))
#define LINE __attribute__((aligned(128)))
#define CLOSED 0xffffu
#define MAX_ARGS 256
#define IDLE_NS 100000
#define PATIENT_SPINS 2000

typedef void (*kernel_fn)(char *const *args, char *scratch, long lo, long hi);

/* Programs see the first two members: struct gradus_team. */
struct context {
  void (*share)(struct context *, kernel_fn, char *const *, int, long, int);
  char *scratch;
  char *base;
  size_t reserved;
  size_t scratch_step;
  int threads, started, wake;
  char **slots;
  int slot_count;
  LINE _Atomic uint64_t ticket;
  LINE kernel_fn kernel;
  long extent;
  _Atomic int pieces;
  char *args[MAX_ARGS];
  LINE _Atomic int done;
  LINE _Atomic int sleepers;
  _Atomic int stop;
  pthread_mutex_t lock;
  pthread_cond_t work;
  pthread_t ids[64];
};
struct worker { struct context *context; int tid; };

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}
static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A piece of the step that is published: its number, or -1. */
static int take(struct context *c, int front) {
  uint64_t t = atomic_load_explicit(&c->ticket, memory_order_acquire);
  for (;;) {
    unsigned first = (t >> 16) & 0xffff, last = t & 0xffff;
    if (first == CLOSED) return -1;
    int pieces = atomic_load_explicit(&c->pieces, memory_order_acquire);
    if ((int)(first + last) >= pieces) return -1;
    uint64_t mine = front ? t + 0x10000 : t + 1;
    if (atomic_compare_exchange_weak_explicit(&c->ticket, &t, mine, memory_order_acq_rel, memory_order_acquire))
      return front ? (int)first : pieces - 1 - (int)last;
    relax();
  }
}
static void run_piece(struct context *c, int piece, int pieces, char *scratch) {
  long lo = (long)((__int128)c->extent * piece / pieces), hi = (long)((__int128)c->extent * (piece + 1) / pieces);
  if (lo < hi) c->kernel(c->args, scratch, lo, hi);
}
static int available(struct context *c) {
  uint64_t t = atomic_load(&c->ticket);
  unsigned first = (t >> 16) & 0xffff, last = t & 0xffff;
  return first != CLOSED && (int)(first + last) < atomic_load(&c->pieces);
}

static void *work(void *data) {
  struct worker *self = data;
  struct context *c = self->context;
  int tid = self->tid, spins = 0;
  free(self);
  int64_t idle_since = 0;
  while (!atomic_load_explicit(&c->stop, memory_order_relaxed)) {
    int piece = take(c, tid % 2 == 0);
    if (piece >= 0) {
      run_piece(c, piece, atomic_load_explicit(&c->pieces, memory_order_relaxed), c->scratch + tid * c->scratch_step);
      atomic_fetch_add_explicit(&c->done, 1, memory_order_release);
      idle_since = 0;
      continue;
    }
    relax();
    if (++spins % 64 != 0) continue;
    int64_t t = now_ns();
    if (idle_since == 0) idle_since = t;
    if (t - idle_since < IDLE_NS) continue;
    pthread_mutex_lock(&c->lock);
    atomic_fetch_add(&c->sleepers, 1);
    while (!available(c) && !atomic_load(&c->stop)) pthread_cond_wait(&c->work, &c->lock);
    atomic_fetch_sub(&c->sleepers, 1);
    pthread_mutex_unlock(&c->lock);
    idle_since = 0;
  }
  return NULL;
}

static void start(struct context *c) {
  c->started = 1;
  sigset_t all, before; /* signals are for the program's own threads */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 1; i < c->threads; i++) {
    struct worker *w = malloc(sizeof *w);
    if (w) *w = (struct worker){c, i};
    if (!w || pthread_create(&c->ids[i], NULL, work, w)) {
      free(w);
      c->threads = i; /* go on with the threads there are */
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void share(struct context *c, kernel_fn kernel, char *const *args, int count, long extent, int pieces) {
  if (c->threads == 1 || count > MAX_ARGS || (!c->wake && !c->started)) {
    kernel(args, c->scratch, 0, extent);
    return;
  }
  if (!c->started) start(c);
  if (pieces > 8 * c->threads) pieces = 8 * c->threads;
  /* Nobody may take a piece while the step is written down. */
  uint64_t step = (atomic_load_explicit(&c->ticket, memory_order_relaxed) >> 32) + 1;
  atomic_store_explicit(&c->ticket, step << 32 | (uint64_t)CLOSED << 16, memory_order_release);
  atomic_store_explicit(&c->pieces, pieces, memory_order_release);
  c->kernel = kernel;
  c->extent = extent;
  memcpy(c->args, args, count * sizeof *args);
  atomic_store_explicit(&c->done, 0, memory_order_relaxed);
  atomic_store(&c->ticket, (step + 1) << 32);
  if (c->wake && atomic_load(&c->sleepers) > 0) {
    pthread_mutex_lock(&c->lock);
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
  }
  int own = 0;
  for (int piece; (piece = take(c, 1)) >= 0; own++) run_piece(c, piece, pieces, c->scratch);
  for (int spins = 0; atomic_load_explicit(&c->done, memory_order_acquire) + own < pieces;) {
    if (++spins < PATIENT_SPINS) relax();
    else sched_yield();
  }
}

/* A context with an address range of at most that many bytes (as much of it as the system gives); 0 when there is none. */
PUBLIC int64_t gradus_create(int threads, double bytes) {
  struct context *c = NULL;
  if (posix_memalign((void **)&c, 128, sizeof *c)) return 0;
  memset(c, 0, sizeof *c);
  for (c->reserved = (size_t)bytes; c->reserved >= (size_t)1 << 24; c->reserved /= 2) {
    void *p = mmap(NULL, c->reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) continue;
    c->base = p;
    break;
  }
  if (c->base == NULL) {
    free(c);
    return 0;
  }
#ifdef MADV_HUGEPAGE
  madvise(c->base, c->reserved, MADV_HUGEPAGE);
#endif
  c->share = share;
  c->threads = threads;
  atomic_store(&c->ticket, (uint64_t)CLOSED << 16);
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->work, NULL);
  /* The threads may outlive whoever loaded this library: never unload it. */
  Dl_info info;
  if (dladdr((void *)gradus_create, &info)) dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
  return (int64_t)(intptr_t)c;
}
PUBLIC double gradus_reserved(int64_t context) { return (double)((struct context *)(intptr_t)context)->reserved; }

PUBLIC void gradus_destroy(int64_t context) {
  struct context *c = (struct context *)(intptr_t)context;
  pthread_mutex_lock(&c->lock);
  atomic_store(&c->stop, 1);
  pthread_cond_broadcast(&c->work);
  pthread_mutex_unlock(&c->lock);
  if (c->started)
    for (int i = 1; i < c->threads; i++) pthread_join(c->ids[i], NULL);
  munmap(c->base, c->reserved);
  free(c->slots);
  free(c);
}

/* Where the threads' private bytes lie, and how many each has. */
PUBLIC void gradus_scratch(int64_t context, double at, double step) {
  struct context *c = (struct context *)(intptr_t)context;
  c->scratch = c->base + (size_t)at;
  c->scratch_step = (size_t)step;
}

PUBLIC void gradus_write(int64_t context, double at, const void *from, double bytes) {
  memcpy(((struct context *)(intptr_t)context)->base + (size_t)at, from, (size_t)bytes);
}
PUBLIC void gradus_read(int64_t context, double at, void *to, double bytes) {
  memcpy(to, ((struct context *)(intptr_t)context)->base + (size_t)at, (size_t)bytes);
}
/* Gives the pages of a range back to the system; they read as zeros or as before. */
PUBLIC void gradus_discard(int64_t context, double at, double bytes) {
  madvise(((struct context *)(intptr_t)context)->base + (size_t)at, (size_t)bytes, MADV_DONTNEED);
}

/* handle[0]: to close, handle[1]: to run. Gives 0, or 1 with the reason in the text. */
PUBLIC int gradus_load(const char *path, double *handle, char *text, int length) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void *entry = library ? dlsym(library, "gradus_main") : NULL;
  if (entry == NULL) {
    const char *reason = dlerror();
    snprintf(text, length, "%s", reason ? reason : "no gradus_main");
    if (library) dlclose(library);
    return 1;
  }
  handle[0] = (double)(intptr_t)library;
  handle[1] = (double)(intptr_t)entry;
  return 0;
}
PUBLIC void gradus_unload(int64_t library) { dlclose((void *)(intptr_t)library); }

/* Runs a program over slots given as offsets. wake: its shared work is worth waking sleeping threads. */
PUBLIC int gradus_run(int64_t context, int64_t entry, const double *table, int count, int wake) {
  struct context *c = (struct context *)(intptr_t)context;
  if (count > c->slot_count) {
    char **grown = realloc(c->slots, count * sizeof *grown);
    if (grown == NULL) return 1;
    c->slots = grown;
    c->slot_count = count;
  }
  for (int i = 0; i < count; i++) c->slots[i] = c->base + (size_t)table[i];
  c->wake = wake;
  ((void (*)(struct context *, char *const *))(intptr_t)entry)(c, c->slots);
  return 0;
}
`
