/** Text as spans of whole lines, so that importers parse bytes in place whatever the size of the blocks. */
import { ImportError } from '../base/errors.ts';
import { concat, latin1 } from '../host/index.ts';
import { NEWLINE } from './bytes.ts';

/** bytes[0, end) are whole lines; the last one lacks its newline only in the last span, and then `cut` is set. */
interface LineSpan {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly cut: boolean;
}

/** A line longer than this is no trace of any tool; it would otherwise be kept in memory whole. */
const MAX_LINE_BYTES = 0x10_0000;

export async function* lineSpans(blocks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<LineSpan> {
  // the beginning of a line, in as many parts as there were blocks: joined once, however small these are
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  for await (const block of blocks) {
    const firstEnd = block.indexOf(NEWLINE) + 1;
    if (partBytes + (firstEnd || block.length) > MAX_LINE_BYTES) throw tooLong(file);
    if (firstEnd === 0) {
      parts.push(new Uint8Array(block));
      partBytes += block.length;
      continue;
    }
    let start = 0;
    if (partBytes > 0) {
      const line = concat([...parts, block.subarray(0, firstEnd)]);
      yield { bytes: line, end: line.length, cut: false };
      start = firstEnd;
    }
    const end = block.lastIndexOf(NEWLINE) + 1;
    if (end > start) yield { bytes: block.subarray(start, end), end: end - start, cut: false };
    parts = end < block.length ? [new Uint8Array(block.subarray(end))] : [];
    partBytes = block.length - end;
  }
  if (partBytes > 0) yield { bytes: concat(parts), end: partBytes, cut: true };
}

interface TextLines {
  /** Without their ends; a character is a byte. */
  readonly lines: readonly string[];
  /** These are one line, the last, and it has no end. */
  readonly cut: boolean;
}

/** The same as strings, for formats of which a million lines are many. */
export async function* textLines(blocks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<TextLines> {
  for await (const { bytes, end, cut } of lineSpans(blocks, file)) {
    const lines = latin1(bytes.subarray(0, end)).split(/\r?\n/);
    if (!cut) lines.pop();
    yield { lines, cut };
  }
}

function tooLong(file: string): ImportError {
  return new ImportError({
    file,
    found: `a line of more than ${MAX_LINE_BYTES} bytes`,
    expected: 'lines of text',
    remedy: 'Is this the text that the tool wrote? Name the format with --format if it is',
  });
}
