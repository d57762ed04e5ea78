/**
 * Imports what `valgrind --tool=lackey --trace-mem=yes PROGRAM` writes (lackey/lk_main.c, seen with valgrind 3.19):
 *
 *   I  0401ab70,3          instruction fetch: address in hex, size in bytes
 *    L 1ffefffe08,8        load
 *    S 1fff000d18,8        store
 *    M 04a2c1d0,4          load and store by one instruction
 *   ==10654== Command: ls  banners: at the start, and a summary at the end
 *
 * ` I 0401ab70,3`, as in older descriptions, is taken as well. Lines that are no event are counted under the
 * rule that names them; a line that begins like an event and goes wrong is an error.
 *
 * Addresses become objects and offsets. Lackey shows no mapping and no permission, so the address space is cut
 * into windows of 4 MiB, and a window that is touched becomes one private anonymous object that may be read,
 * written and executed. Effects: mappings look larger and fewer than they were; all pages count as anonymous
 * memory, none as page cache; no access faults for want of permission. Windows as large and as aligned as what
 * one page-table page maps (4 MiB in two-level i386 tables, two such pages with 8-byte entries) keep the number
 * of page-table pages as it was, and nearby pages nearby. An access across the end of a window is cut in two.
 *
 * Not in such a trace: the kernel, system calls, threads (they share the stream), time (thinkNs is 0).
 */
import { CONTINUED, EXECUTE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { BatchBuilder } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ImportError } from '../errors.ts';
import type { BatchSink } from '../writer.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { lineSpans } from './lines.ts';
import { AddressWindows, WINDOW_BYTES, windowOffset } from './windows.ts';

/** MAX_DSIZE of lackey/lk_main.c, which asserts it of every access. */
const MAX_ACCESS_BYTES = 512;
const MAX_ADDRESS_DIGITS = 16;
/** Two windows to map and two parts of an access; a change of process takes three. */
const MAX_EVENTS_PER_LINE = 4;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;

const NONE = 0xff;
const OPERATIONS = tableOf({ I: EXECUTE, L: READ, S: WRITE, M: MODIFY });
const HEX_DIGITS = tableOf(
  Object.fromEntries([...'0123456789abcdefABCDEF'].map((digit) => [digit, Number.parseInt(digit, 16)])),
);

const ACCESS = EVENT_KINDS.access.code;
const SPAWN = EVENT_KINDS.spawn.code;
const EXEC = EVENT_KINDS.exec.code;
const EXIT = EVENT_KINDS.exit.code;
const SWITCH = EVENT_KINDS.switch.code;

/** What an ignored line is called; the first that fits. */
const IGNORE_RULES: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['valgrind banner', /^==\d+==/],
  ['valgrind message', /^(--|\*\*)\d+\1/],
  ['empty line', /^\s*$/],
  ['output of the program', /^/],
];
const CUT_LINE_RULE = 'last line, cut';
const EVENT = /^\s?([ILSM])\s+([0-9a-fA-F]{1,16}),(\d+)$/;
const BROKEN_EVENT = /^\s?[ILSM]\s+[0-9a-fA-F]+,/;
const BANNER = /^==(\d+)== *(.*)$/;
const COMMAND = /^Command: /;
const INSTRUCTIONS = /^guest instrs: +([\d,]+)$/;

export const lackey: Importer = {
  name: 'lackey',
  describe: 'valgrind --tool=lackey --trace-mem=yes: every instruction fetch, load and store of a program',
  sniff(firstBytes) {
    const text = latin1(firstBytes, 0, firstBytes.length);
    return /^==\d+== Lackey,/m.test(text) || /^ ?[ILSM] +[0-9a-fA-F]{4,16},\d{1,3}\r?$/m.test(text);
  },
  async import(input, output) {
    return new LackeyImport(input, output).run();
  },
};

class LackeyImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly builder = new BatchBuilder();
  private readonly windows = new AddressWindows();
  private readonly references = new Float64Array(4);
  private readonly ignored: Record<string, number> = {};
  private readonly warnings = new Set<string>();
  /** Lines that are no reference. */
  private otherLines = 0;
  private events = 0;
  private processes = 0;
  /** The process whose lines these are: valgrind's pid for it, and what its summary should count. */
  private pid: string | undefined;
  private firstInstruction = 0;
  private summarised = false;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
  }

  async run(): Promise<ImportResult> {
    this.startProcess();
    for await (const { bytes, end, cut } of lineSpans(this.input.blocks, this.input.name)) {
      if (cut) this.cutLine();
      else await this.importLines(bytes, end);
    }
    this.checkEnd();
    this.builder.push(EXIT, 0, 0, 0, 0, 0, 0);
    await this.flush();
    return this.result();
  }

  private async importLines(bytes: Uint8Array, end: number): Promise<void> {
    for (let at = 0; at < end; ) {
      at = this.parse(bytes, at, end);
      if (this.builder.length > this.builder.capacity - MAX_EVENTS_PER_LINE) await this.flush();
    }
  }

  private async flush(): Promise<void> {
    this.events += this.builder.length;
    await this.output.write(this.builder.take());
  }

  /**
   * Parses lines from `at` on until `end`, or until the batch is full; returns where the next line begins.
   * Takes lines as lackey writes them: three columns for the operation, 8 digits or more. Others are rare.
   */
  private parse(bytes: Uint8Array, at: number, end: number): number {
    const { builder } = this;
    const full = builder.capacity - MAX_EVENTS_PER_LINE;
    while (at < end && builder.length <= full) {
      // operation: a letter in the first or second column, spaces in the other two
      const letter = bytes[at] === SPACE ? bytes[at + 1]! : bytes[at]!;
      const operation = OPERATIONS[letter]!;
      const isReference =
        operation !== NONE && bytes[at + 2] === SPACE && (bytes[at] === SPACE || bytes[at + 1] === SPACE);

      // address, as two halves of 32 bits
      const digit0 = HEX_DIGITS[bytes[at + 3]!]!;
      const digit1 = HEX_DIGITS[bytes[at + 4]!]!;
      const digit2 = HEX_DIGITS[bytes[at + 5]!]!;
      const digit3 = HEX_DIGITS[bytes[at + 6]!]!;
      const digit4 = HEX_DIGITS[bytes[at + 7]!]!;
      const digit5 = HEX_DIGITS[bytes[at + 8]!]!;
      const digit6 = HEX_DIGITS[bytes[at + 9]!]!;
      const digit7 = HEX_DIGITS[bytes[at + 10]!]!;
      const areDigits = (digit0 | digit1 | digit2 | digit3 | digit4 | digit5 | digit6 | digit7) < 16;
      let low =
        (digit0 << 28) |
        (digit1 << 24) |
        (digit2 << 20) |
        (digit3 << 16) |
        (digit4 << 12) |
        (digit5 << 8) |
        (digit6 << 4) |
        digit7;
      let high = 0;
      let comma = at + 11;
      for (let digit = HEX_DIGITS[bytes[comma]!]!; digit < 16; digit = HEX_DIGITS[bytes[++comma]!]!) {
        high = (high << 4) | (low >>> 28);
        low = (low << 4) | digit;
      }

      // size
      let size = 0;
      let last = comma + 1;
      for (let digit = bytes[last]! - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++last]! - DIGIT_0) {
        size = size * 10 + digit;
      }

      const isAddress = areDigits && bytes[comma] === COMMA && comma - at <= 3 + MAX_ADDRESS_DIGITS;
      const isSize = size > 0 && size <= MAX_ACCESS_BYTES && bytes[last] === NEWLINE;
      if (isReference && isAddress && isSize) {
        this.reference(operation, high, low, size);
        at = last + 1;
      } else {
        at = this.otherLine(bytes, at);
      }
    }
    return at;
  }

  private reference(operation: number, high: number, low: number, size: number): void {
    const { builder, windows } = this;
    this.references[operation]!++;
    const object = windows.objectAt(high, low, builder);
    const offset = windowOffset(low);
    const inside = WINDOW_BYTES - offset;
    if (size <= inside) {
      builder.push(ACCESS, 0, 0, object, offset, size, operation);
    } else {
      const next = windows.objectBehind(high, low, builder);
      builder.push(ACCESS, 0, 0, object, offset, inside, operation);
      builder.push(ACCESS, 0, 0, next, 0, size - inside, operation | CONTINUED);
    }
  }

  /** A line in another form of the grammar, or no event; returns where the next one begins. */
  private otherLine(bytes: Uint8Array, start: number): number {
    const end = bytes.indexOf(NEWLINE, start);
    const line = latin1(bytes, start, end).replace(/\r$/, '');
    const [, letter, address, size] = EVENT.exec(line) ?? [];
    if (letter !== undefined && isAccessSize(size!)) {
      const digits = address!.padStart(MAX_ADDRESS_DIGITS, '0');
      const halves = [digits.slice(0, 8), digits.slice(8)].map((half) => Number.parseInt(half, 16) | 0);
      this.reference(OPERATIONS[letter.charCodeAt(0)]!, halves[0]!, halves[1]!, Number(size));
      return end + 1;
    }
    this.otherLines++;
    if (BROKEN_EVENT.test(line)) throw this.brokenEvent(line);
    this.ignore(IGNORE_RULES.find(([, pattern]) => pattern.test(line))![0]);
    const banner = BANNER.exec(line);
    if (banner !== null) this.banner(banner[1]!, banner[2]!);
    return end + 1;
  }

  private brokenEvent(line: string): ImportError {
    return new ImportError({
      file: this.input.name,
      line: this.lineCount(),
      found: JSON.stringify(line.slice(0, 80)),
      expected: `an address of at most ${MAX_ADDRESS_DIGITS} hex digits, a comma, a size from 1 to ${MAX_ACCESS_BYTES}`,
      remedy:
        'If the output of the program got mixed with that of valgrind, record again with valgrind --log-file=FILE',
    });
  }

  private ignore(rule: string): void {
    this.ignored[rule] = (this.ignored[rule] ?? 0) + 1;
  }

  private cutLine(): void {
    this.otherLines++;
    this.ignore(CUT_LINE_RULE);
    this.warnings.add(
      `line ${this.lineCount()} has no end: the trace was cut there, and the line is left out`,
    );
  }

  private banner(pid: string, text: string): void {
    if (COMMAND.test(text)) this.command(pid);
    if (this.pid !== undefined && pid !== this.pid) this.warnings.add(MIXED_PROCESSES);
    const instructions = INSTRUCTIONS.exec(text);
    if (instructions !== null && pid === this.pid) this.checkInstructions(instructions[1]!);
  }

  /** Valgrind starts a program: the first, one that replaces the running one, or another process. */
  private command(pid: string): void {
    const first = this.pid === undefined && this.referenceCount() === 0;
    if (!first && pid === this.pid) this.replaceProgram();
    else if (!first) this.changeProcess();
    this.pid = pid;
  }

  private replaceProgram(): void {
    this.builder.push(EXEC, 0, 0, 0, 0, 0, 0);
    this.emptyAddressSpace();
  }

  private changeProcess(): void {
    this.warnings.add(MIXED_PROCESSES);
    this.builder.push(EXIT, 0, 0, 0, 0, 0, 0);
    this.startProcess();
    this.emptyAddressSpace();
  }

  private startProcess(): void {
    const pid = ++this.processes;
    this.builder.push(SPAWN, 0, 0, pid, 0, 0, 0);
    this.builder.push(SWITCH, 0, 0, pid, 0, 0, 0);
  }

  private emptyAddressSpace(): void {
    this.windows.clear();
    this.firstInstruction = this.references[EXECUTE]!;
    this.summarised = false;
  }

  /** The summary counts instructions: a checksum of the lines. */
  private checkInstructions(summary: string): void {
    this.summarised = true;
    const counted = Number(summary.replaceAll(',', ''));
    const found = this.references[EXECUTE]! - this.firstInstruction;
    if (found === counted) return;
    this.warnings.add(`valgrind counted ${counted} instructions, the trace has ${found}`);
  }

  private checkEnd(): void {
    if (this.referenceCount() === 0) throw this.noReferences();
    if (!this.summarised) {
      this.warnings.add('there is no summary ("guest instrs:") at the end: the trace is a part of a run');
    }
  }

  private noReferences(): ImportError {
    return new ImportError({
      file: this.input.name,
      found: `${this.lineCount()} lines, none of them a memory reference`,
      expected: 'lines such as "I  0401ab70,3"',
      remedy: 'Record with valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM',
    });
  }

  private lineCount(): number {
    return this.referenceCount() + this.otherLines;
  }

  private referenceCount(): number {
    return this.references.reduce((sum, count) => sum + count, 0);
  }

  private result(): ImportResult {
    const { events, references, ignored, processes, warnings } = this;
    return {
      format: lackey.name,
      lines: this.lineCount(),
      events,
      references: {
        read: references[READ]!,
        write: references[WRITE]!,
        modify: references[MODIFY]!,
        execute: references[EXECUTE]!,
      },
      ignored,
      processes,
      warnings: [...warnings],
    };
  }
}

const MIXED_PROCESSES =
  'several processes wrote into this trace, and its lines do not say which is whose: ' +
  'record with valgrind --log-file=trace.%p to have a trace for each';

/** Byte to value; NONE for all others. */
function tableOf(values: Record<string, number>): Uint8Array {
  const table = new Uint8Array(256).fill(NONE);
  for (const [character, value] of Object.entries(values)) table[character.charCodeAt(0)] = value;
  return table;
}

function isAccessSize(size: string): boolean {
  return Number(size) > 0 && Number(size) <= MAX_ACCESS_BYTES;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
