/* Page numbers: the streams of bench/inputs/streams.ts, where their rules are told, or a file of words. */

static void mix(u32 *pages, size_t count) {
  u32 scanned = 0, chased = 12345;
  random_state = 0x9E3779B9u;
  for (size_t at = 0; at < count;) {
    u32 first = draw(), kind = first % 100, length = 4 + ((first >> 8) & 15), page = 0;
    if (kind < 35) page = 0x100000 + ((draw() & ((1u << ((first >> 16) % 17)) - 1)) * 40503u & 0xFFFF);
    else if (kind < 65) page = 0x7FFFF000u - ((first >> 12) & 3);
    else if (kind >= 95) length >>= 1;
    else if (kind >= 85) length = length < 8 ? 1 : length >> 2;
    for (; length > 0 && at < count; length--) {
      if (kind >= 95) {
        chased = chased * 1664525u + 1013904223u;
        page = 0x800000 + (chased >> 16);
      } else if (kind >= 85) page = 0x400000 + (draw() & 0xFFFFF);
      else if (kind >= 65) page = 0x200000 + (scanned++ >> 6 & 0x3FFFF);
      pages[at++] = page;
    }
  }
}

static void uniform(u32 *pages, size_t count) {
  random_state = 0x12345678u;
  for (size_t i = 0; i < count; i++) pages[i] = 0x400000 + (draw() & 0xFFFFF);
}

/* Those of a file are counted too. */
static u32 *stream_words(const char *name, size_t *count) {
  void (*fill)(u32 *, size_t) = strcmp(name, "MIX") == 0 ? mix : strcmp(name, "RAND") == 0 ? uniform : NULL;
  if (fill == NULL) {
    size_t bytes;
    u32 *words = (u32 *)contents(name, &bytes);
    *count = bytes / sizeof *words;
    return words;
  }
  u32 *words = zeroed(*count, sizeof *words);
  fill(words, *count);
  return words;
}
