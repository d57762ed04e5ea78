/**
 * Imports what Pin's example tool pinatrace writes (source/tools/SimpleExamples/pinatrace.cpp and ManualExamples of the
 * Pin kit):
 *
 *   0x7f08a2c51093: R 0x7ffe5b3c1e58                the instruction, R or W, the address
 *   0x7f08a2c51093: W 0x7ffe5b3c1e58  8 0x1f        with the size in bytes, in decimal, and the value
 *   #eof
 *
 * Sizes are not said by ManualExamples' tool: then 1 byte is taken. Instructions have no lines of their own, so no
 * instruction fetch is said, and the address of the instruction is passed over. Nor are mappings, threads and time.
 */
import { READ, WRITE } from '../../core/event/access-mode.ts';
import { NONE, tableOf } from '../text/bytes.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importReferences, MAX_SIZE, onlyProcess, type ReferenceFormat } from './reference-import.ts';

const COLON = 0x3a;
const HASH = 0x23;
const DEFAULT_BYTES = 1;
/** P: a prefetch, which reads what it can get. */
const OPERATIONS = tableOf({ R: READ, W: WRITE });
const LETTER_P = 0x50;

const format: ReferenceFormat = {
  name: 'pinatrace',
  example: '0x7f08a2c51093: R 0x7ffe5b3c1e58',
  remedy: 'Run pin -t pinatrace.so -- PROGRAM, and import its pinatrace.out',
  read(line, process) {
    if (line.byte === HASH) return 'comment';
    if (!line.hex() || !line.skip(COLON)) return UNRECOGNISED.other;
    line.skipBlanks();
    const letter = line.byte;
    line.at++;
    if (letter === LETTER_P && line.atWordEnd()) return 'prefetch';
    const operation = OPERATIONS[letter]!;
    line.skipBlanks();
    if (operation === NONE || !line.hex() || !line.atWordEnd()) return UNRECOGNISED.other;
    const { high, low } = line;
    const size = line.hasMore() ? line.decimal() : DEFAULT_BYTES;
    const isSize = size >= 1 && size <= MAX_SIZE && line.atWordEnd();
    if (!isSize) process.change('reference without a size: taken as 1 byte');
    onlyProcess(process).touch(operation, high, low, isSize ? size : DEFAULT_BYTES);
    return undefined;
  },
};

export const pinatrace: Importer = {
  name: format.name,
  describe: "Pin's pinatrace: every load and store of a program, without its instruction fetches",
  grammar: [
    '0x7f08a2c51093: R 0x7ffe5b3c1e58          instruction, R or W, address: taken as 1 byte',
    '0x7f08a2c51093: W 0x7ffe5b3c1e58 8 0x1f   with size and value',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'loads and stores such as "0x7f08a2c51093: R 0x7ffe5b3c1e58"',
      isOwn: (line) => /^\s{0,8}(?:0x)?[0-9a-f]{1,16}:\s{1,8}[RWP]\s{1,24}(?:0x)?[0-9a-f]{1,16}/i.test(line),
      isShared: (line) => line.startsWith('#'),
    }),
  import: (input, output) => importReferences(input, output, format),
};
