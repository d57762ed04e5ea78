/*
 * A .vmt file (traces/FORMAT.md) to columns of events: checksums verified, chunks in steps and in plain columns, no limits
 * checked. The columns of a batch are overwritten by those of the next.
 *
 *   decode FILE
 */
#include "limit.h"
#include "crc.h"
#include "msgpack.h"

#define MOST 65536

enum { KIND, CPU, THINK, OBJECT, A, B, C, NR_COLUMNS };
static const char *const NAMES[] = {"kind", "cpu", "thinkNs", "object", "a", "b", "c"};

static const u8 *file, *file_end;
static u32 events[NR_COLUMNS][MOST];
static u64 nr_events;
static u32 hash = FNV_BASIS;
static int is_hashing;

static u32 varint(const u8 **at) {
  u32 byte = *(*at)++, value = byte & 127;
  for (int shift = 7; byte >= 128; shift += 7) {
    byte = *(*at)++;
    value |= (byte & 127) << shift;
  }
  return value;
}

static u32 unzigzag(u32 code) { return code >> 1 ^ -(code & 1); }

enum { CONSTANT, DICTIONARY, DELTA, RAW };

static void decode_column(Value columns, const char *name, u32 count, u32 *to) {
  u32 values[256], value = 0;
  const u8 *at = entry(columns, name).at, encoding = *at++;
  if (encoding == CONSTANT) {
    value = varint(&at);
    for (u32 i = 0; i < count; i++) to[i] = value;
  } else if (encoding == DICTIONARY) {
    u32 size = *at++ + 1u;
    for (u32 i = 0; i < size; i++) values[i] = varint(&at);
    for (u32 i = 0; i < count; i++) to[i] = values[at[i]];
  } else if (encoding == DELTA) {
    for (u32 i = 0; i < count; i++) to[i] = value += unzigzag(varint(&at));
  } else memcpy(to, at, 4 * count);
}

/* What a token stands for; the first `shapes` take what they add from the column of deltas. */
typedef struct {
  u32 lane, kind, cpu, b, delta;
} Token;

static Token table[MOST];
static u32 lane_object[MOST], lane_c[MOST], last_a[MOST], scratch[2][MOST];

static void decode_shapes(Value columns, const char *name, u32 shapes, size_t field) {
  decode_column(columns, name, shapes, scratch[0]);
  for (u32 i = 0; i < shapes; i++) memcpy((u8 *)&table[i] + field, &scratch[0][i], sizeof(u32));
}

static void decode_table(Value columns, u32 lanes, u32 shapes, u32 steps) {
  decode_column(columns, "laneObject", lanes, lane_object);
  decode_column(columns, "laneC", lanes, lane_c);
  decode_shapes(columns, "shapeLane", shapes, offsetof(Token, lane));
  decode_shapes(columns, "shapeKind", shapes, offsetof(Token, kind));
  decode_shapes(columns, "shapeCpu", shapes, offsetof(Token, cpu));
  decode_shapes(columns, "shapeB", shapes, offsetof(Token, b));
  decode_column(columns, "stepShape", steps, scratch[0]);
  decode_column(columns, "stepDelta", steps, scratch[1]);
  for (u32 i = 0; i < steps; i++) {
    table[shapes + i] = table[scratch[0][i]];
    table[shapes + i].delta = unzigzag(scratch[1][i]);
  }
  memset(last_a, 0, lanes * sizeof *last_a);
}

static void decode_steps(Value columns, Value sizes, u32 count) {
  u32 shapes = entry(sizes, "shapes").number;
  decode_table(columns, entry(sizes, "lanes").number, shapes, entry(sizes, "steps").number);
  Value tokens = entry(columns, "tokens");
  const u8 *deltas = entry(columns, "deltas").at;
  int is_long = tokens.number > count;
  for (u32 i = 0; i < count; i++) {
    u32 number = is_long ? tokens.at[2 * i] | tokens.at[2 * i + 1] << 8 : tokens.at[i];
    const Token *token = &table[number];
    u32 lane = token->lane;
    last_a[lane] += number < shapes ? unzigzag(varint(&deltas)) : token->delta;
    events[KIND][i] = token->kind;
    events[CPU][i] = token->cpu;
    events[OBJECT][i] = lane_object[lane];
    events[A][i] = last_a[lane];
    events[B][i] = token->b;
    events[C][i] = lane_c[lane];
  }
  decode_column(columns, "thinkNs", count, events[THINK]);
}

static void decode_chunk(Value chunk) {
  u32 count = entry(chunk, "count").number;
  Value columns = entry(chunk, "columns"), sizes = entry(chunk, "steps");
  if (sizes.at != NULL) decode_steps(columns, sizes, count);
  else
    for (int i = 0; i < NR_COLUMNS; i++) decode_column(columns, NAMES[i], count, events[i]);
  nr_events += count;
  if (is_hashing)
    for (int column = 0; column < NR_COLUMNS; column++)
      for (u32 i = 0; i < count; i++) hash = fnv(hash, events[column][i]);
}

static void reset(void) { nr_events = 0; }

/* A checksum is the last four bytes of its record, behind the code of a number; the trailer, a list, has none. */
static void run(void) {
  for (const u8 *at = file; at < file_end;) {
    Value record = {MAP, 0, at};
    skip_value(&at);
    const u8 *checksum = at - 4;
    if (*record.at >> 4 == 9) continue;
    if (crc32(record.at, checksum) != big_endian(&checksum, 4)) fail("a checksum that is wrong");
    if (is_text(entry(record, "record"), "chunk")) decode_chunk(record);
  }
}

int main(int argc, char **argv) {
  size_t bytes;
  if (argc != 2) fail("decode FILE");
  file = contents(argv[1], &bytes);
  file_end = file + bytes;
  make_crc_table();
  is_hashing = 1;
  run();
  is_hashing = 0;
  printf("columns %08x, events %" PRIu64 "\n", hash, nr_events);
  serve(reset, run, nr_events);
  return 0;
}
