/*
 * The hold model (Vaucher and Duval, "A comparison of simulation event list algorithms", CACM 18(4), 1975) on a binary heap
 * of words, a time above the number of an event: an event popped is pushed back up to 65,536 later, in one way through the
 * heap. Equals come in the order of their numbers, not in that of their arrival.
 *
 *   queue PENDING COUNT
 */
#include "limit.h"

#define NUMBER_BITS 24

static u64 *heap; /* from 1 on */
static u32 pending;
static size_t count;
static u64 now;

static void fill(void) {
  random_state = 0xDEADBEEFu;
  now = 0;
  for (u32 number = 0; number < pending; number++) {
    u64 key = (u64)(draw() & 0xFFFF) << NUMBER_BITS | number;
    u32 at = number + 1;
    for (; at > 1 && heap[at >> 1] > key; at >>= 1) heap[at] = heap[at >> 1];
    heap[at] = key;
  }
}

static void run(void) {
  for (size_t i = 0; i < count; i++) {
    u64 due = heap[1];
    now = due >> NUMBER_BITS;
    u64 key = (now + 1 + (draw() & 0xFFFF)) << NUMBER_BITS | (due & ((1u << NUMBER_BITS) - 1));
    u32 at = 1;
    for (u32 child = 2; child <= pending; child = 2 * at) {
      child += (child < pending) & (heap[child + 1] < heap[child]);
      if (heap[child] >= key) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = key;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) fail("queue PENDING COUNT");
  pending = strtoul(argv[1], NULL, 10);
  count = strtoull(argv[2], NULL, 10);
  heap = zeroed(pending + 2, sizeof *heap);
  fill();
  run();
  printf("time %" PRIu64 "\n", now);
  serve(fill, run, count);
  return 0;
}
