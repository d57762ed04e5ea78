/* As much of MessagePack (github.com/msgpack/msgpack, spec.md) as stands in a .vmt file. */

typedef struct {
  enum { NUMBER, BYTES, LIST, MAP } type;
  u64 number; /* its value, or how many bytes, items or pairs */
  const u8 *at; /* the first byte; of a list or a map that of its head */
} Value;

static u64 big_endian(const u8 **at, int bytes) {
  u64 value = 0;
  while (bytes-- > 0) value = value << 8 | *(*at)++;
  return value;
}

static Value bytes_value(const u8 **at, u64 bytes) {
  Value value = {BYTES, bytes, *at};
  *at += bytes;
  return value;
}

/* The value at `*at`; what a list or a map holds comes next. */
static Value read_value(const u8 **at) {
  const u8 *head = *at;
  u8 code = *(*at)++;
  if (code < 0x80) return (Value){NUMBER, code, head};
  if (code < 0x90) return (Value){MAP, code & 15, head};
  if (code < 0xa0) return (Value){LIST, code & 15, head};
  if (code < 0xc0) return bytes_value(at, code & 31);
  if (code == 0xc0 || code == 0xc2 || code == 0xc3) return (Value){NUMBER, code & 1, head};
  if (code >= 0xc4 && code <= 0xc6) return bytes_value(at, big_endian(at, 1 << (code - 0xc4)));
  if (code == 0xcb) return (Value){NUMBER, big_endian(at, 8), head};
  if (code >= 0xcc && code <= 0xcf) return (Value){NUMBER, big_endian(at, 1 << (code - 0xcc)), head};
  if (code >= 0xd9 && code <= 0xdb) return bytes_value(at, big_endian(at, 1 << (code - 0xd9)));
  if (code == 0xdc || code == 0xdd) return (Value){LIST, big_endian(at, 2 << (code - 0xdc)), head};
  if (code == 0xde || code == 0xdf) return (Value){MAP, big_endian(at, 2 << (code - 0xde)), head};
  fail("a code of MessagePack that no trace has");
  return (Value){NUMBER, 0, head};
}

static void skip_value(const u8 **at) {
  Value value = read_value(at);
  u64 inside = value.type == LIST ? value.number : value.type == MAP ? 2 * value.number : 0;
  while (inside-- > 0) skip_value(at);
}

static int is_text(Value value, const char *text) {
  return value.type == BYTES && value.number == strlen(text) && memcmp(value.at, text, value.number) == 0;
}

/* What a map has under a key; NULL for its first byte if it has none. */
static Value entry(Value map, const char *key) {
  const u8 *at = map.at;
  for (u64 pairs = read_value(&at).number; pairs > 0; pairs--) {
    if (is_text(read_value(&at), key)) return read_value(&at);
    skip_value(&at);
  }
  return (Value){NUMBER, 0, NULL};
}
