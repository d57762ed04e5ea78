/* CRC-32 as in zlib, eight bytes at a time (Kounavis and Berry, "Novel table lookup-based algorithms", IEEE ToC 57(11), 2008). */

static u32 crc_table[8][256];

static void make_crc_table(void) {
  for (u32 byte = 0; byte < 256; byte++) {
    u32 crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    crc_table[0][byte] = crc;
  }
  for (u32 byte = 0; byte < 256; byte++)
    for (int i = 1; i < 8; i++)
      crc_table[i][byte] = crc_table[i - 1][byte] >> 8 ^ crc_table[0][crc_table[i - 1][byte] & 255];
}

static u32 crc32(const u8 *at, const u8 *end) {
  u32 crc = ~0u;
  for (; end - at >= 8; at += 8) {
    u64 word;
    memcpy(&word, at, 8); /* little-endian */
    word ^= crc;
    crc = 0;
    for (int i = 0; i < 8; i++) crc ^= crc_table[7 - i][word >> 8 * i & 255];
  }
  for (; at < end; at++) crc = crc >> 8 ^ crc_table[0][(crc ^ *at) & 255];
  return ~crc;
}
