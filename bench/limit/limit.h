/*
 * What the programs of this folder have in common. Each is given its stream and its length as arguments, runs once and
 * prints a line that says what it was given and what it made of it; then, for every line of its input, a number of
 * milliseconds, it runs for so long and prints how many units it did in how many nanoseconds of CPU time.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003: triple 13, 17, 5. */
static u32 random_state;

static inline u32 draw(void) {
  u32 x = random_state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return random_state = x;
}

/* FNV-1a over 32-bit words; begins with FNV_BASIS. */
#define FNV_BASIS 2166136261u

static inline u32 fnv(u32 hash, u32 word) { return (hash ^ word) * 16777619u; }

static inline u32 fnv_of(const u32 *words, size_t count) {
  u32 hash = FNV_BASIS;
  for (size_t i = 0; i < count; i++) hash = fnv(hash, words[i]);
  return hash;
}

static inline void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

/* In huge pages where there are such: a table as large as those here would have a TLB miss for every access. */
static inline void *zeroed(size_t count, size_t size) {
  size_t bytes = count * size;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("no memory");
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

/* A whole file, with 64 zero bytes behind it. */
static inline u8 *contents(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail(path);
  *bytes = (size_t)ftell(file);
  rewind(file);
  u8 *memory = zeroed(*bytes + 64, 1);
  if (fread(memory, 1, *bytes, file) != *bytes) fail(path);
  fclose(file);
  return memory;
}

static inline u64 cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

/* `reset` comes before each run and is not measured. */
static inline void serve(void (*reset)(void), void (*run)(void), u64 units) {
  u64 ms;
  fflush(stdout);
  while (scanf("%" SCNu64, &ms) == 1) {
    u64 spent = 0, done = 0;
    do {
      reset();
      u64 start = cpu_ns();
      run();
      spent += cpu_ns() - start;
      done += units;
    } while (spent < ms * 1000000u);
    printf("%" PRIu64 " %" PRIu64 "\n", done, spent);
    fflush(stdout);
  }
}
