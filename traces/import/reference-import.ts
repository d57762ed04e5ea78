/**
 * Importing text of which each line is a reference of one process, or of its threads, to an address. The formats say how
 * a line reads; here lines become events, and what is none is counted by rule.
 */
import { BatchBuilder } from '../../core/event/batch.ts';
import { CLONE_THREAD, CLONE_VM } from '../../core/event/clone-flags.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ImportError, Malformed } from '../base/errors.ts';
import { NEWLINE } from '../text/bytes.ts';
import { lineSpans } from '../text/lines.ts';
import { referenceCounts } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { ImportInput, ImportResult } from './importer.ts';
import { ReferenceLine } from './reference-line.ts';
import { EVENTS_PER_REFERENCE, References } from './references.ts';

const SPAWN = EVENT_KINDS.spawn.code;
const CLONE = EVENT_KINDS.clone.code;
const SWITCH = EVENT_KINDS.switch.code;
const EXIT = EVENT_KINDS.exit.code;

/** Events of one line beside its references: a thread, and a switch to it. */
const EVENTS_PER_THREAD = 2;
const LETTERS_SHOWN = 80;
const ONLY_PROCESS = 1;
const CUT = 'last line, cut';
const EMPTY = 'empty line';
/** Events beside the references. */
const IMPLIED = 'windows mapped, references cut in two, processes and threads';

/** Largest reference of any format: one of a whole vector register file, or a cache line, is far below. */
export const MAX_SIZE = 4096;

export interface ReferenceFormat {
  /** The importer's name. */
  readonly name: string;
  /** A whole line, for people. */
  readonly example: string;
  /** How to record one. */
  readonly remedy: string;
  /** Most references of a line. */
  readonly perLine?: number;
  /**
   * Touches what the line refers to, with the line at its first byte that is no blank; returns the rule by which it is
   * no reference. Throws Malformed.
   */
  read(line: ReferenceLine, process: ReferenceProcess): string | undefined;
}

/** Who refers. */
export class ReferenceProcess {
  readonly references: References;
  /** What was assumed of lines, by rule. */
  readonly changed: Record<string, number> = {};
  private readonly builder: BatchBuilder;
  private readonly threads = new Set<number>();
  private running: number | undefined;

  constructor(builder: BatchBuilder) {
    this.builder = builder;
    this.references = new References(builder);
  }

  /** References from here on are of this thread; the first one is the process. */
  run(thread: number): void {
    if (this.running === thread) return;
    const { builder, threads } = this;
    if (threads.size === 0) builder.push(SPAWN, 0, 0, thread, 0, 0, 0);
    else if (!threads.has(thread)) builder.push(CLONE, 0, 0, thread, CLONE_VM | CLONE_THREAD, 0, 0);
    threads.add(thread);
    builder.push(SWITCH, 0, 0, thread, 0, 0, 0);
    this.running = thread;
  }

  change(rule: string): void {
    this.changed[rule] = (this.changed[rule] ?? 0) + 1;
  }

  /** All of its threads end, the first one last; `flush` makes room for two events. */
  async end(flush: () => Promise<void>): Promise<void> {
    for (const thread of [...this.threads].reverse()) {
      await flush();
      if (this.running !== thread) this.builder.push(SWITCH, 0, 0, thread, 0, 0, 0);
      this.builder.push(EXIT, 0, 0, 0, 0, 0, 0);
      this.running = undefined;
    }
  }
}

export function importReferences(
  input: ImportInput,
  output: BatchSink,
  format: ReferenceFormat,
): Promise<ImportResult> {
  return new ReferenceImport(input, output, format).run();
}

class ReferenceImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly format: ReferenceFormat;
  private readonly builder = new BatchBuilder();
  private readonly process = new ReferenceProcess(this.builder);
  private readonly line = new ReferenceLine();
  private readonly ignored: Record<string, number> = {};
  private readonly warnings: string[] = [];
  private readonly room: number;
  private lines = 0;
  private eventLines = 0;
  private events = 0;

  constructor(input: ImportInput, output: BatchSink, format: ReferenceFormat) {
    this.input = input;
    this.output = output;
    this.format = format;
    this.room = (format.perLine ?? 1) * EVENTS_PER_REFERENCE + EVENTS_PER_THREAD;
  }

  async run(): Promise<ImportResult> {
    for await (const { bytes, end, cut } of lineSpans(this.input.blocks, this.input.name)) {
      if (cut) this.cutLine();
      else await this.importLines(bytes, end);
    }
    if (this.process.references.total === 0) throw this.noReferences();
    await this.process.end(() => this.makeRoom(2));
    await this.flush();
    return this.result();
  }

  private async importLines(bytes: Uint8Array, end: number): Promise<void> {
    for (let at = 0; at < end; ) {
      at = this.parse(bytes, at, end);
      await this.makeRoom(this.room);
    }
  }

  /** Lines until `end`, or until the batch is full; returns where the next one begins. */
  private parse(bytes: Uint8Array, start: number, end: number): number {
    const { line, builder, room } = this;
    const full = builder.capacity - room;
    line.bytes = bytes;
    let at = start;
    while (at < end && builder.length <= full) {
      this.lines++;
      line.at = at;
      const rule = line.hasMore() ? this.readLine(at) : EMPTY;
      if (rule === undefined) this.eventLines++;
      else this.ignored[rule] = (this.ignored[rule] ?? 0) + 1;
      at = bytes[line.at] === NEWLINE ? line.at + 1 : bytes.indexOf(NEWLINE, line.at) + 1;
    }
    return at;
  }

  private readLine(start: number): string | undefined {
    try {
      return this.format.read(this.line, this.process);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw this.malformed(start, error.expected);
    }
  }

  private async makeRoom(events: number): Promise<void> {
    if (this.builder.length > this.builder.capacity - events) await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.builder.length === 0) return;
    this.events += this.builder.length;
    await this.output.write(this.builder.take());
  }

  private cutLine(): void {
    this.lines++;
    this.ignored[CUT] = 1;
    this.warnings.push(`line ${this.lines} has no end: the trace was cut there, and the line is left out`);
  }

  private malformed(start: number, expected: string): ImportError {
    const { input, lines, format } = this;
    const text = this.line.text(start);
    const found = JSON.stringify(text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}...` : text);
    return new ImportError({ file: input.name, line: lines, found, expected, remedy: format.remedy });
  }

  private noReferences(): ImportError {
    const { input, lines, format } = this;
    return new ImportError({
      file: input.name,
      found: `${lines} lines, none of them a memory reference`,
      expected: `lines such as "${format.example}"`,
      remedy: format.remedy,
    });
  }

  private result(): ImportResult {
    const { events, eventLines, ignored, lines, process, warnings } = this;
    return {
      format: this.format.name,
      lines,
      events,
      references: referenceCounts(process.references.counts),
      eventLines,
      ignored,
      implied: { [IMPLIED]: events - eventLines },
      changed: process.changed,
      processes: 1,
      warnings,
    };
  }
}

/** A process without threads, for formats that name none. */
export function onlyProcess(process: ReferenceProcess): References {
  process.run(ONLY_PROCESS);
  return process.references;
}
