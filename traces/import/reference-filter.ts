/**
 * What of a lackey trace with system calls decides page faults: of each page and operation the first reference between two
 * lines of calls. A page that was touched once is there until a call takes it away, so that the others fault on no
 * machine; but under memory pressure, when pages are reclaimed between two calls, whose faults the rest of a trace tells
 * better. All other lines stay.
 */

import { latin1Bytes } from '../host/index.ts';
import type { Blocks } from '../io/blocks.ts';
import { textLines } from '../text/lines.ts';

export interface FilterCounts {
  lines: number;
  kept: number;
}

const REFERENCE = /^ ?([ILSM]) +([0-9a-fA-F]{1,16}),(\d{1,3})$/;
const CALL = 'SYSCALL[';
const PAGE_BYTES = 4096;
/** Below 2^44, and so exact with the operation. */
const OPERATIONS: Readonly<Record<string, number>> = { I: 0, L: 1, S: 2, M: 3 };

export class ReferenceFilter {
  private readonly seen = new Set<number>();

  keeps(line: string): boolean {
    const found = REFERENCE.exec(line);
    if (found === null) {
      if (line.startsWith(CALL)) this.seen.clear();
      return true;
    }
    const address = Number.parseInt(found[2]!, 16);
    const operation = OPERATIONS[found[1]!]!;
    const first = Math.floor(address / PAGE_BYTES);
    const last = Math.floor((address + Number(found[3]) - 1) / PAGE_BYTES);
    const isNew = this.see(first * 4 + operation);
    return (last !== first && this.see(last * 4 + operation)) || isNew;
  }

  /** Whether it was not seen since the last call. */
  private see(key: number): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }
}

/** The lines that are kept, as text, and how many there were. */
export async function* filteredReferences(
  blocks: Blocks,
  name: string,
  counts: FilterCounts,
): AsyncGenerator<Uint8Array> {
  const filter = new ReferenceFilter();
  for await (const { lines, cut } of textLines(blocks, name)) {
    const kept = lines.filter((line) => filter.keeps(line));
    counts.lines += lines.length;
    counts.kept += kept.length;
    if (kept.length > 0) yield latin1Bytes(kept.join('\n') + (cut ? '' : '\n'));
  }
}
