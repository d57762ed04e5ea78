/**
 * Imports traces of Dinero in its traditional format, din (dineroIV(1), -informat d; tracein_din of its dinfmt.c):
 *
 *   0 7fff00ac    read data: label, address in hex
 *   1 7fff00ac    write data
 *   2 00400100    instruction fetch
 *   3, 4          an unknown access, taken as a read, and a flush of the cache, which is no reference
 *
 * What stands behind the address is passed over, as Dinero does. Sizes are not said: Dinero takes each reference as one
 * of the aligned word of 4 bytes that it is in, and so does this. Nor are mappings, processes and time.
 */
import { EXECUTE, READ, WRITE } from '../../core/event/access-mode.ts';
import { DIGIT_0 } from '../text/bytes.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importReferences, onlyProcess, type ReferenceFormat } from './reference-import.ts';

const BY_LABEL: readonly number[] = [READ, WRITE, EXECUTE, READ];
const UNKNOWN_ACCESS = 3;
const FLUSH = 4;
/** tracein_din of dinfmt.c takes the word that an address is in. */
const WORD_BYTES = 4;

const format: ReferenceFormat = {
  name: 'din',
  example: '2 00400100',
  remedy: 'Convert the trace to the traditional din format: a label from 0 to 4, an address in hex',
  read(line, process) {
    const label = line.byte - DIGIT_0;
    line.at++;
    if (label < 0 || label > FLUSH || !line.atWordEnd()) return UNRECOGNISED.other;
    line.skipBlanks();
    if (!line.hex() || !line.atWordEnd()) return UNRECOGNISED.other;
    if (label === FLUSH) return 'flush of the cache';
    if (label === UNKNOWN_ACCESS) process.change('access of an unknown kind: taken as a read');
    onlyProcess(process).touch(BY_LABEL[label]!, line.high, line.low & -WORD_BYTES, WORD_BYTES);
    return undefined;
  },
};

export const din: Importer = {
  name: format.name,
  describe: "Dinero's traditional input: a label for the kind of access, an address",
  grammar: ['0 7fff00ac    a read; 1 is a write, 2 an instruction fetch: address in hex, taken as 4 bytes'],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'labels with addresses such as "2 00400100"',
      isOwn: (line) => /^\s{0,8}[0-4]\s{1,8}(?:0x)?[0-9a-fA-F]{1,16}(?:\s|$)/.test(line),
    }),
  import: (input, output) => importReferences(input, output, format),
};
