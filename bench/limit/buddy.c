/*
 * The binary buddy system (Knuth, The Art of Computer Programming vol. 1, 2.5; Knowlton, CACM 8(10), 1965) over 2^18 pages,
 * orders 0 to 10, with lists last in, first out and blocks merged as soon as they are free, as in Linux. No zones, no
 * watermarks, no per-cpu lists, no migrate types.
 *
 *   buddy WALK|FULL90 COUNT     the operations of bench/inputs/block-operations.ts
 */
#include "limit.h"

#define NR_PAGES (1u << 18)
#define ORDERS 11
#define NONE 0xFFFFFFFFu
#define NOT_FREE 255

static u32 next[NR_PAGES], previous[NR_PAGES], heads[ORDERS];
static u8 free_order[NR_PAGES]; /* of the first page of a free block */
static u32 live_blocks[NR_PAGES];
static u8 live_orders[NR_PAGES];
static int32_t *operations; /* an order to allocate, or ~i to free the i-th live block */
static size_t count;
static u32 pages_sum;

static inline void link_block(u32 page, u32 order) {
  u32 head = heads[order];
  next[page] = head;
  previous[page] = NONE;
  if (head != NONE) previous[head] = page;
  heads[order] = page;
  free_order[page] = order;
}

static inline void unlink_block(u32 page, u32 order) {
  u32 before = previous[page], after = next[page];
  if (before != NONE) next[before] = after;
  else heads[order] = after;
  if (after != NONE) previous[after] = before;
  free_order[page] = NOT_FREE;
}

static inline u32 allocate(u32 order) {
  u32 found = order;
  while (found < ORDERS && heads[found] == NONE) found++;
  if (found == ORDERS) fail("no block left");
  u32 page = heads[found];
  unlink_block(page, found);
  while (found > order) {
    found--;
    link_block(page + (1u << found), found);
  }
  return page;
}

static inline void release(u32 page, u32 order) {
  for (; order < ORDERS - 1; order++) {
    u32 buddy = page ^ (1u << order);
    if (free_order[buddy] != order) break;
    unlink_block(buddy, order);
    page &= buddy;
  }
  link_block(page, order);
}

static void reset(void) {
  memset(free_order, NOT_FREE, sizeof free_order);
  memset(heads, 255, sizeof heads);
  for (u32 page = NR_PAGES; page > 0;) link_block(page -= 1u << (ORDERS - 1), ORDERS - 1);
}

static void run(void) {
  u32 live = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t operation = operations[i];
    if (operation >= 0) {
      u32 page = allocate(operation);
      live_blocks[live] = page;
      live_orders[live++] = operation;
      pages_sum += page;
    } else {
      u32 freed = ~operation;
      release(live_blocks[freed], live_orders[freed]);
      live_blocks[freed] = live_blocks[--live];
      live_orders[freed] = live_orders[live];
    }
  }
}

/* A draw whose low bits are below `threshold` allocates, if at most 90 % of the pages are used then; any other frees. */
static void make_operations(u32 mask, u32 threshold) {
  u32 live = 0, used = 0;
  random_state = 0xC0FFEE11u;
  for (size_t i = 0; i < count; i++) {
    u32 first = draw(), bits = first >> 8 | 1u << (ORDERS - 1), order = 0;
    while ((bits >> order & 1) == 0) order++;
    if (live == 0 || ((first & mask) < threshold && used + (1u << order) <= NR_PAGES / 100 * 90)) {
      used += 1u << order;
      live_orders[live++] = order;
      operations[i] = order;
    } else {
      u32 freed = draw() % live;
      used -= 1u << live_orders[freed];
      live_orders[freed] = live_orders[--live];
      operations[i] = ~(int32_t)freed;
    }
  }
  printf("stream %08x, live %u, used pages %u\n", fnv_of((u32 *)operations, count), live, used);
}

int main(int argc, char **argv) {
  if (argc != 3) fail("buddy WALK|FULL90 COUNT");
  count = strtoull(argv[2], NULL, 10);
  operations = zeroed(count, sizeof *operations);
  if (strcmp(argv[1], "WALK") == 0) make_operations(1, 1);
  else make_operations(15, 9);
  reset();
  run();
  serve(reset, run, count);
  return pages_sum == 1;
}
