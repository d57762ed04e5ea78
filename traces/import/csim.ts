/**
 * Imports the traces of cache simulators of courses (cachelab of CS:APP and its like), which are lackey's lines with
 * less or more in them:
 *
 *    L 10,1             load of 1 byte at 0x10: addresses of any length
 *    M 20,1 miss hit    with what the simulator said of it, which is passed over
 *   I 0400d7d4,8        instruction fetch
 *
 * What such a trace cannot say: mappings, processes, time.
 */
import { EXECUTE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { Malformed } from '../base/errors.ts';
import { NONE, SPACE, tableOf } from '../text/bytes.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importReferences, MAX_SIZE, onlyProcess, type ReferenceFormat } from './reference-import.ts';

const OPERATIONS = tableOf({ I: EXECUTE, L: READ, S: WRITE, M: MODIFY });
const COMMA = 0x2c;

const format: ReferenceFormat = {
  name: 'csim',
  example: ' L 10,1',
  remedy: 'Save the lines of the trace alone, one reference a line',
  read(line, process) {
    const operation = OPERATIONS[line.byte]!;
    line.at++;
    if (operation === NONE || line.byte !== SPACE) return UNRECOGNISED.other;
    line.skipBlanks();
    if (!line.hex() || !line.skip(COMMA)) return UNRECOGNISED.other;
    const size = line.decimal();
    if (size < 1 || size > MAX_SIZE || !line.atWordEnd())
      throw new Malformed(`a size from 1 to ${MAX_SIZE} behind the comma`);
    onlyProcess(process).touch(operation, line.high, line.low, size);
    return undefined;
  },
};

const LINE = /^ ?[ILSM] +[0-9a-fA-F]{1,16},\d{1,4}(?: |$)/;
/** As lackey itself writes them. */
const OF_LACKEY = /^ ?[ILSM] +[0-9a-fA-F]{4,16},\d{1,3}$/;

/** A line that lackey never writes: a short address, or words behind the size. */
export function isOfCacheSimulator(line: string): boolean {
  return LINE.test(line) && !OF_LACKEY.test(line);
}

export const csim: Importer = {
  name: format.name,
  describe: "traces of cache simulators of courses: lackey's lines with short addresses or further columns",
  grammar: [
    ' L 10,1            a load: address in hex, size in bytes; S, M and I as with lackey',
    ' M 20,1 miss hit   what stands behind the size is passed over',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'references such as " L 10,1" or " L 10,1 hit"',
      isOwn: isOfCacheSimulator,
      isShared: (line) => OF_LACKEY.test(line),
    }),
  import: (input, output) => importReferences(input, output, format),
};
