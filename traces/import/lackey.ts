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
 * memory, none as page cache; no access faults for want of permission. What was near stays near, and as 4 MiB
 * is what a page-table page of the i386 maps, page tables stay about as many as they were. An access across the
 * end of a window is cut in two.
 *
 * Not in such a trace: the kernel, system calls, threads (they share the stream), time (thinkNs is 0).
 */
import { EXECUTE } from '../../core/event/access-mode.ts';
import { BatchBuilder } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ImportError } from '../base/errors.ts';
import { latin1 } from '../host/index.ts';
import { peek } from '../io/blocks.ts';
import { evidenceOf } from '../text/evidence.ts';
import { lineSpans } from '../text/lines.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { referenceCounts } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { isOfCacheSimulator } from './csim.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { LackeyLines, MAX_ACCESS_BYTES, MAX_ADDRESS_DIGITS } from './lackey-lines.ts';
import { LackeyMemoryImport } from './lackey-memory.ts';

const SPAWN = EVENT_KINDS.spawn.code;
const EXEC = EVENT_KINDS.exec.code;
const EXIT = EVENT_KINDS.exit.code;
const SWITCH = EVENT_KINDS.switch.code;

/** What an ignored line is called; the first that fits. */
const IGNORE_RULES: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['valgrind banner', /^==\d+==/],
  ['valgrind message', /^(--|\*\*)\d+\1/],
  ['empty line', /^\s*$/],
  [UNRECOGNISED.output, /^/],
];
const CUT_LINE_RULE = 'last line, cut';
/** Events beside the references. */
const IMPLIED = 'windows mapped, references cut in two, processes';
const BROKEN_REFERENCE = /^\s?[ILSM]\s+[0-9a-fA-F]+,/;
const BANNER = /^==(\d+)== *(.*)$/;
const MARK = /^==\d+== Lackey,/;
/** What is left of its score where lines of cache simulators stand among its own, which those have as well. */
const OTHER_TOOL = 0.1;
const COMMAND = /^Command: /;
const INSTRUCTIONS = /^guest instrs: +([\d,]+)$/;

export const lackey: Importer = {
  name: 'lackey',
  describe: 'valgrind --tool=lackey --trace-mem=yes: every instruction fetch, load and store of a program',
  grammar: [
    'I  0401ab70,3            an instruction fetch: address in hex, size in bytes',
    ' L 1ffefffe08,8          a load; S is a store, M both by one instruction',
    '==10654== Command: ls    banners of valgrind',
  ],
  sniff(head) {
    const evidence = evidenceOf(head, {
      what: 'references such as "I  0401ab70,3"',
      isOwn: (line) => /^ ?[ILSM] +[0-9a-fA-F]{4,16},\d{1,3}$/.test(line),
      isShared: (line) => BANNER.test(line),
      isMark: (line) => MARK.test(line),
    });
    const isOfOther = !head.lines.some((line) => MARK.test(line)) && head.lines.some(isOfCacheSimulator);
    return isOfOther ? { ...evidence, score: evidence.score * OTHER_TOOL } : evidence;
  },
  async import(input, output) {
    const { first, blocks } = await peek(input.blocks, FIRST_BYTES);
    const isOfMemory = input.beside !== undefined || HAS_CALLS.test(latin1(first));
    const whole = { ...input, blocks };
    return isOfMemory ? new LackeyMemoryImport(whole, output).run() : new LackeyImport(whole, output).run();
  },
};

/** ld.so asks for the heap after some thousand instructions. */
const FIRST_BYTES = 0x10_0000;
const HAS_CALLS = /^SYSCALL\[\d+,\d+\]\(/m;

class LackeyImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly builder = new BatchBuilder();
  private readonly parser = new LackeyLines(this.builder, (line) => this.otherLine(line));
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
      at = this.parser.parse(bytes, at, end);
      if (this.parser.full) await this.flush();
    }
  }

  private async flush(): Promise<void> {
    this.events += this.builder.length;
    await this.output.write(this.builder.take());
  }

  /** A line that is no reference. */
  private otherLine(line: string): void {
    this.otherLines++;
    if (BROKEN_REFERENCE.test(line)) throw this.brokenReference(line);
    this.ignore(IGNORE_RULES.find(([, pattern]) => pattern.test(line))![0]);
    const banner = BANNER.exec(line);
    if (banner !== null) this.banner(banner[1]!, banner[2]!);
  }

  private brokenReference(line: string): ImportError {
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
    this.parser.references.clear();
    this.firstInstruction = this.parser.references.counts[EXECUTE]!;
    this.summarised = false;
  }

  /** The summary counts instructions: a checksum of the lines. */
  private checkInstructions(summary: string): void {
    this.summarised = true;
    const counted = Number(summary.replaceAll(',', ''));
    const found = this.parser.references.counts[EXECUTE]! - this.firstInstruction;
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
    return this.parser.references.total;
  }

  private result(): ImportResult {
    const { events, ignored, processes, warnings } = this;
    return {
      format: lackey.name,
      lines: this.lineCount(),
      events,
      references: referenceCounts(this.parser.references.counts),
      eventLines: this.referenceCount(),
      ignored,
      implied: { [IMPLIED]: events - this.referenceCount() },
      processes,
      warnings: [...warnings],
    };
  }
}

const MIXED_PROCESSES =
  'several processes wrote into this trace, and its lines do not say which is whose: ' +
  'record with valgrind --log-file=trace.%p to have a trace for each';
