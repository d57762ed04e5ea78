/**
 * Imports what the view tool of DynamoRIO's drmemtrace prints (clients/drcachesim/tools/view.cpp, as of 2026 and of 2017):
 *
 *              8           1:     3264725 ifetch       3 byte(s) @ 0x00007f6e4b1c2630 48 89 e7 mov %rsp -> %rdi
 *              9           1:     3264725 write        8 byte(s) @ 0x00007ffc8a4b5fd8 by PC 0x00007f6e4b1c2633
 *             10           1: W0.T3264725 <marker: timestamp 13312570674112282>
 *
 * Record and instruction numbers, the thread, what it does, size and address. Threads become threads of one process:
 * which threads share an address space is not said, only the workload (`W0`). Prefetches, flushes and markers are no
 * references; nor are physical addresses, which markers tell. Mappings are not said, time is not taken.
 */
import { EXECUTE, READ, WRITE } from '../../core/event/access-mode.ts';
import { Malformed } from '../base/errors.ts';
import { ByteTable } from '../kernel/byte-table.ts';
import { NONE, SPACE } from '../text/bytes.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importReferences, MAX_SIZE, type ReferenceFormat } from './reference-import.ts';
import type { ReferenceLine } from './reference-line.ts';

const COLON = 0x3a;
const LESS_THAN = 0x3c;
const LETTER_T = 0x54;
const LETTER_W = 0x57;
const POINT = 0x2e;
/** `Output format:`, `<--record#->`, and the line of dashes below. */
const HEAD_BYTES: readonly number[] = [0x4f, 0x3c, 0x2d];
const LONGEST_NAME = 12;
/** Threads of one process have numbers that a pid fits in. */
const MAX_THREAD = 2 ** 31 - 1;

const BY_NAME = new Map<string, number>([
  ['read', READ],
  ['write', WRITE],
  ['ifetch', EXECUTE],
]);
const OPERATIONS = new ByteTable((name) => BY_NAME.get(name) ?? NONE);
const BYTES_AT = new TextEncoder().encode(' byte(s) @ ');

const format: ReferenceFormat = {
  name: 'drmemtrace',
  example: '           8           1:     3264725 ifetch       3 byte(s) @ 0x00007f6e4b1c2630',
  remedy: 'Run drrun -t drmemtrace -tool view -indir DIRECTORY 2> FILE',
  read(line, process) {
    const first = line.byte;
    if (!skipNumbers(line)) return HEAD_BYTES.includes(first) ? 'banner' : UNRECOGNISED.other;
    const thread = threadAt(line);
    line.skipBlanks();
    if (line.byte === LESS_THAN) return 'marker';
    const start = line.skipWord();
    const end = line.at;
    line.skipBlanks();
    const size = line.decimal();
    if (size < 0 || end - start > LONGEST_NAME || !skipKey(line)) return UNRECOGNISED.other;
    const operation = OPERATIONS.get(line.bytes, start, end);
    if (operation === NONE) return 'prefetch, flush or other record that is no reference';
    if (size < 1 || size > MAX_SIZE || !line.hex())
      throw new Malformed(`1 to ${MAX_SIZE} bytes at an address`);
    const { high, low } = line;
    process.run(thread);
    process.references.touch(operation, high, low, size);
    return undefined;
  },
};

/** `8 1: `, of record and instruction; none in earlier versions. */
function skipNumbers(line: ReferenceLine): boolean {
  const { at } = line;
  if (line.decimal() < 0) return line.byte === LETTER_T || line.byte === LETTER_W;
  line.skipBlanks();
  line.decimal();
  if (line.skip(COLON)) line.skipBlanks();
  else line.at = at;
  return true;
}

/** `3264725`, `T3264725` or `W0.T3264725`; 1 where a line has none. */
function threadAt(line: ReferenceLine): number {
  if (line.skip(LETTER_W)) {
    line.decimal();
    line.skip(POINT);
  }
  line.skip(LETTER_T);
  const thread = line.decimal();
  return thread >= 1 && thread <= MAX_THREAD ? thread : 1;
}

function skipKey(line: ReferenceLine): boolean {
  const { bytes, at } = line;
  for (let i = 0; i < BYTES_AT.length; i++) if (bytes[at + i] !== BYTES_AT[i]) return false;
  line.at = at + BYTES_AT.length;
  while (bytes[line.at] === SPACE) line.at++;
  return true;
}

export const drmemtrace: Importer = {
  name: format.name,
  describe:
    "DynamoRIO's drmemtrace -tool view: every instruction fetch, load and store of the threads of a program",
  grammar: [
    '8 1: 3264725 ifetch 3 byte(s) @ 0x00007f6e4b1c2630   record, instruction, thread, reference',
    '9 1: W0.T3264725 read 8 byte(s) @ 0x7ffc8a4b5fd8 by PC 0x7f6e4b1c2633',
    '10 1: 3264725 <marker: ...>                          markers are counted',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'references such as "T3264725 read 8 byte(s) @ 0x7ffc8a4b5fd8"',
      isOwn: (line) => / \d{1,9} byte\(s\) @ 0x[0-9a-f]/.test(line),
      isShared: (line) =>
        line.includes('<marker: ') || /^[ -<]*(?:Output format:|<--record|-{20})/.test(line),
    }),
  import: (input, output) => importReferences(input, output, format),
};
