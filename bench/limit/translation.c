/*
 * References through two levels of TLBs and a radix page table, everything in place: L1 16 sets of 4 ways, for data and for
 * instructions; L2 128 sets of 12; a walk cache of 32 entries that know the table of a page; four levels of 512 entries.
 * All are true LRU, kept by moving to the front (the list method of Mattson et al., "Evaluation techniques for storage
 * hierarchies", IBM Systems Journal 9(2), 1970). A page that is touched first gets the next frame.
 *
 *   translation MIX|RAND COUNT faulting|resident
 *   translation FILE 0 recorded       little-endian words: a page number, the top bit set for instructions
 *
 * Of a recorded program it tells hits of both levels together: real copies on write take a page out of them on the way.
 */
#include "limit.h"
#include "streams.h"

#define FETCH 0x80000000u
#define EMPTY 0xFFFFFFFFu
#define ENTRIES 512
#define MAX_TABLES 8192

static u32 l1[32][4], l2[128][12], walk_tags[32], walk_tables[32];
static u32 (*tables)[ENTRIES]; /* 0: no entry; the root is table 0 */
static u32 nr_tables, nr_frames;
static u64 l2_hits, walks, faults;
static u32 frames_sum;

static u32 *words;
static size_t count;
static int is_resident;

static u32 table_below(u32 table, u32 index) {
  u32 *entry = &tables[table][index % ENTRIES];
  if (*entry == 0) {
    if (nr_tables == MAX_TABLES) fail("no table left");
    *entry = nr_tables++;
  }
  return *entry;
}

static inline void walk(u32 page) {
  u32 tag = page >> 9, table;
  int way = 0;
  while (way < 32 && walk_tags[way] != tag) way++;
  if (way < 32) table = walk_tables[way];
  else {
    table = table_below(table_below(table_below(0, page >> 27), page >> 18), page >> 9);
    way = 31;
  }
  for (; way > 0; way--) {
    walk_tags[way] = walk_tags[way - 1];
    walk_tables[way] = walk_tables[way - 1];
  }
  walk_tags[0] = tag;
  walk_tables[0] = table;
  u32 *entry = &tables[table][page % ENTRIES];
  if (*entry == 0) {
    *entry = ++nr_frames;
    faults++;
  }
  walks++;
  frames_sum += *entry;
}

static inline void second_level(u32 page) {
  u32 *set = l2[page & 127];
  int way = 0;
  while (way < 12 && set[way] != page) way++;
  if (way < 12) l2_hits++;
  else {
    walk(page);
    way = 11;
  }
  for (; way > 0; way--) set[way] = set[way - 1];
  set[0] = page;
}

static void run(void) {
  for (size_t i = 0; i < count; i++) {
    u32 word = words[i], *set = l1[(word & 15) | (word >> 31 << 4)];
    u32 first = set[0], second = set[1], third = set[2], fourth = set[3];
    if (first == word) continue;
    set[0] = word;
    set[1] = first;
    if (second == word) continue;
    set[2] = second;
    if (third == word) continue;
    set[3] = third;
    if (fourth != word) second_level(word & ~FETCH);
  }
}

static void reset(void) {
  l2_hits = walks = faults = 0;
  if (is_resident) return;
  memset(l1, 255, sizeof l1);
  memset(l2, 255, sizeof l2);
  memset(walk_tags, 255, sizeof walk_tags);
  memset(tables, 0, nr_tables * sizeof *tables);
  nr_tables = 1;
  nr_frames = 0;
}

static void print_check(const char *mode) {
  printf("stream %08x, ", fnv_of(words, count));
  if (strcmp(mode, "recorded") == 0) printf("hits %" PRIu64 ", walks %" PRIu64 "\n", count - walks, walks);
  else
    printf("L1 %" PRIu64 ", L2 %" PRIu64 ", walks %" PRIu64 ", faults %" PRIu64 "\n", count - l2_hits - walks, l2_hits, walks,
           faults);
}

int main(int argc, char **argv) {
  if (argc != 4) fail("translation MIX|RAND|FILE COUNT faulting|resident|recorded");
  count = strtoull(argv[2], NULL, 10);
  words = stream_words(argv[1], &count);
  tables = zeroed(MAX_TABLES, sizeof *tables);
  reset();
  run();
  is_resident = strcmp(argv[3], "resident") == 0;
  if (is_resident) {
    reset();
    run();
  }
  print_check(argv[3]);
  serve(reset, run, count);
  return frames_sum == 1; /* so that no compiler may leave the frames out */
}
