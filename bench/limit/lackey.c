/*
 * The text of valgrind's lackey, line by line: "I  0401ab70,3" and " S 1fff000cf8,8", between lines that begin with "==".
 * References are counted by kind and their addresses folded into one word; nothing is kept, and nothing is checked.
 *
 *   lackey FILE
 */
#include "limit.h"

static const u8 *text, *text_end;
static u8 digit_of[256]; /* 255: none */
static u64 nr_lines, nr_references, nr_bytes, addresses;

static void reset(void) {}

static void run(void) {
  u64 lines = 0, references = 0, bytes_sum = 0, folded = 0;
  for (const u8 *at = text; at < text_end; at++) {
    lines++;
    if (*at != '=') {
      u64 address = 0;
      u32 bytes = 0;
      u8 digit;
      for (at += 3; (digit = digit_of[*at]) < 16; at++) address = address << 4 | digit;
      for (at++; *at != '\n'; at++) bytes = bytes * 10 + (*at - '0');
      references++;
      bytes_sum += bytes;
      folded ^= address + references;
    } else
      while (*at != '\n') at++;
  }
  nr_lines = lines;
  nr_references = references;
  nr_bytes = bytes_sum;
  addresses = folded;
}

int main(int argc, char **argv) {
  size_t bytes;
  if (argc != 2) fail("lackey FILE");
  text = contents(argv[1], &bytes);
  text_end = text + bytes;
  memset(digit_of, 255, sizeof digit_of);
  for (int i = 0; i < 16; i++) digit_of[(u8)"0123456789abcdef"[i]] = i;
  run();
  printf("lines %" PRIu64 ", references %" PRIu64 ", bytes %" PRIu64 "\n", nr_lines, nr_references, nr_bytes);
  serve(reset, run, nr_lines);
  return addresses == 1;
}
