/*
 * Slabs (Bonwick, "The Slab Allocator", USENIX Summer 1994) as Linux has them in SLUB (mm/slub.c, v6.1): a cache for every
 * size, of slabs whose free objects are linked through their first word; a slab to allocate from, and a list of those that
 * have room. Slabs that are empty are kept. No per-cpu partial lists, no zones: slabs are cut from one arena.
 *
 *   kmalloc LIVE SMALLEST STEPS COUNT     the operations of bench/inputs/kmalloc-operations.ts
 */
#include "limit.h"

#define PAGE_SHIFT 12
#define MAX_ORDER 3
#define SLAB_BYTES ((size_t)1 << (PAGE_SHIFT + MAX_ORDER))
#define NR_SLABS 4096

typedef struct slab {
  void *free; /* each free object begins with the address of the next */
  struct slab *next, *previous;
  struct cache *cache;
  u32 in_use;
} Slab;

typedef struct cache {
  u32 object_bytes, objects;
  Slab *current;
  Slab partial; /* head of the list */
} Cache;

static const u32 SIZES[] = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
#define NR_CACHES (sizeof SIZES / sizeof *SIZES)

static Cache caches[NR_CACHES];
static u8 cache_of_size[1024 + 1]; /* by size in units of 8 bytes, rounded up */
static Slab slabs[NR_SLABS];
static u32 nr_slabs;
static u8 *arena;

static u32 live, *numbers, *sizes; /* operations: which object is freed and allocated again, of how many bytes */
static size_t count;
static void **objects;

static void new_slab(Cache *cache) {
  if (nr_slabs == NR_SLABS) fail("no slab left");
  Slab *slab = &slabs[nr_slabs];
  u8 *memory = arena + nr_slabs++ * SLAB_BYTES;
  slab->free = NULL;
  for (u32 i = cache->objects; i-- > 0;) {
    void **object = (void **)(memory + (size_t)i * cache->object_bytes);
    *object = slab->free;
    slab->free = object;
  }
  slab->cache = cache;
  slab->in_use = 0;
  cache->current = slab;
}

static inline void *allocate(u32 bytes) {
  Cache *cache = &caches[cache_of_size[(bytes + 7) >> 3]];
  if (cache->current->free == NULL) {
    Slab *slab = cache->partial.next;
    if (slab == &cache->partial) new_slab(cache);
    else {
      slab->previous->next = slab->next;
      slab->next->previous = slab->previous;
      cache->current = slab;
    }
  }
  Slab *slab = cache->current;
  void *object = slab->free;
  slab->free = *(void **)object;
  slab->in_use++;
  return object;
}

static inline void release(void *object) {
  Slab *slab = &slabs[(size_t)((u8 *)object - arena) / SLAB_BYTES];
  Cache *cache = slab->cache;
  *(void **)object = slab->free;
  slab->free = object;
  if (slab->in_use-- == cache->objects && slab != cache->current) {
    slab->next = cache->partial.next;
    slab->previous = &cache->partial;
    slab->next->previous = slab->previous->next = slab;
  }
}

static void reset(void) {}

static void run(void) {
  for (size_t i = 0; i < count; i++) {
    release(objects[numbers[i]]);
    objects[numbers[i]] = allocate(sizes[i]);
  }
}

static void boot(void) {
  for (u32 i = 0; i < NR_CACHES; i++) {
    Cache *cache = &caches[i];
    cache->object_bytes = SIZES[i];
    cache->objects = SLAB_BYTES / SIZES[i];
    cache->partial.next = cache->partial.previous = &cache->partial;
    new_slab(cache);
  }
  for (u32 i = 1, cache = 0; i <= 1024; i++) {
    if (8 * i > SIZES[cache]) cache++;
    cache_of_size[i] = cache;
  }
}

static u32 size_drawn(u32 smallest, u32 steps) {
  u32 most = smallest << (draw() % steps);
  return most - draw() % (most / 2);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("kmalloc LIVE SMALLEST STEPS COUNT");
  u32 smallest = strtoul(argv[2], NULL, 10), steps = strtoul(argv[3], NULL, 10), hash = FNV_BASIS;
  live = strtoul(argv[1], NULL, 10);
  count = strtoull(argv[4], NULL, 10) / 2;
  arena = zeroed(NR_SLABS, SLAB_BYTES);
  objects = zeroed(live, sizeof *objects);
  numbers = zeroed(count, sizeof *numbers);
  sizes = zeroed(count, sizeof *sizes);
  boot();
  random_state = 0x51AB51ABu;
  for (u32 i = 0; i < live; i++) objects[i] = allocate(size_drawn(smallest, steps));
  for (size_t i = 0; i < count; i++) {
    numbers[i] = draw() % live;
    sizes[i] = size_drawn(smallest, steps);
    hash = fnv(fnv(hash, numbers[i]), sizes[i]);
  }
  run();
  printf("stream %08x\n", hash);
  serve(reset, run, 2 * count);
  return 0;
}
