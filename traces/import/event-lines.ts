/**
 * Imports events as JSON, one in a line, as `vmsplit events --format ndjson` and `vmsplit export --to ndjson` write them,
 * and as anybody may write them: `{"kind":"kmalloc","cpu":0,"thinkNs":5,"object":7,"size":100,"gfp":3264}`. Fields are
 * those of the vocabulary (core/event/kinds.ts). `cpu` and `thinkNs` are 0 where they are missing; what an export tells
 * beside an event (its number, time, process and outcome) is passed over.
 */

import { UsageError } from '../../core/base/errors.ts';
import { BatchBuilder } from '../../core/event/batch.ts';
import type { EVENT_KINDS, MemoryEvent } from '../../core/event/kinds.ts';
import { kindNamed } from '../../core/event/vocabulary.ts';
import { ImportError } from '../base/errors.ts';
import { evidenceOf } from '../text/evidence.ts';
import { textLines } from '../text/lines.ts';
import { TotalsCounter } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';

/** Told beside an event. */
const BESIDE: ReadonlySet<string> = new Set([
  'event',
  'timeNs',
  'process',
  'status',
  'fault',
  'tlb',
  'addressType',
  'latencyNs',
  'virtualPage',
  'pageFrame',
]);
const EMPTY_LINE = 'empty line';
const CUT_LINE = 'last line, cut';
const EXAMPLE = '{"kind":"kmalloc","object":7,"size":100,"gfp":3264}';

export const eventLines: Importer = {
  name: 'ndjson',
  describe: 'events as JSON, one in a line, as vmsplit events and export write them',
  grammar: [`${EXAMPLE}    an event with the fields of its kind; cpu and thinkNs if not 0`],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'events as JSON',
      isOwn: (line) => /^\s*\{.{0,300}"kind"\s*:\s*"[a-z_]{2,40}"/.test(line),
    }),
  import: (input, output) => new EventLines(input, output).run(),
};

class EventLines {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly builder = new BatchBuilder();
  private readonly totals = new TotalsCounter();
  private readonly ignored: Record<string, number> = {};
  private readonly warnings: string[] = [];
  private readonly pids = new Set<number>();
  private lines = 0;
  private cpus = 0;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
  }

  async run(): Promise<ImportResult> {
    for await (const { lines, cut } of textLines(this.input.blocks, this.input.name)) {
      for (const line of lines) {
        this.lines++;
        if (cut && !isWhole(line)) this.ignoreCut();
        else if (line.trim() === '') this.ignore(EMPTY_LINE);
        else this.event(line);
        if (this.builder.full) await this.flush();
      }
    }
    await this.flush();
    if (this.totals.events === 0) throw this.fault('', 'no event', 'check the file');
    return this.result();
  }

  private async flush(): Promise<void> {
    if (this.builder.length === 0) return;
    const batch = this.builder.take();
    this.totals.add(batch);
    await this.output.write(batch);
  }

  private event(line: string): void {
    const event = this.parsed(line);
    try {
      this.builder.add(event);
    } catch (error) {
      if (error instanceof UsageError)
        throw this.fault(line, error.message, 'see core/event/kinds.ts for the fields');
      throw error;
    }
    this.cpus = Math.max(this.cpus, event.cpu + 1);
    if (BIRTHS.has(event.kind) && 'pid' in event) this.pids.add(event.pid);
  }

  /** The fields of its kind, and what is missing of the header. */
  private parsed(line: string): MemoryEvent {
    const value = jsonOf(line);
    if (value === undefined)
      throw this.fault(line, JSON.stringify(line.slice(0, 80)), 'is it cut or mixed with others?');
    const own = kindNamed(String(value.kind))?.fields.map(({ name }) => name) ?? [];
    const fields = Object.entries(value).filter(([name]) => !BESIDE.has(name) || own.includes(name));
    return { cpu: 0, thinkNs: 0, ...Object.fromEntries(fields) } as unknown as MemoryEvent;
  }

  private ignore(rule: string): void {
    this.ignored[rule] = (this.ignored[rule] ?? 0) + 1;
  }

  private ignoreCut(): void {
    this.ignore(CUT_LINE);
    this.warnings.push(`line ${this.lines} has no end: the file was cut there, and the line is left out`);
  }

  private fault(line: string, found: string, remedy: string): ImportError {
    return new ImportError({
      file: this.input.name,
      ...(line !== '' && { line: this.lines }),
      found,
      expected: `events such as ${EXAMPLE}`,
      remedy,
    });
  }

  private result(): ImportResult {
    const { lines, ignored, warnings, totals } = this;
    return {
      format: eventLines.name,
      lines,
      events: totals.events,
      references: totals.totals({}).references,
      eventLines: totals.events,
      ignored,
      implied: {},
      processes: this.pids.size,
      warnings,
      notes: { cpus: this.cpus },
    };
  }
}

const BIRTHS: ReadonlySet<string> = new Set([
  'spawn',
  'fork',
  'clone',
] satisfies (keyof typeof EVENT_KINDS)[]);

/** Undefined: it is no JSON, or no map. */
function jsonOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A last line may lack its end only. */
function isWhole(line: string): boolean {
  return jsonOf(line) !== undefined;
}
