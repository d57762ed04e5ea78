/**
 * Importing text of which lines are samples of accesses, with the time, cpu and process that a line says: what samplers
 * found, not all that a program did.
 */
import { CONTINUED, OPERATION_MASK } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ImportError, Malformed } from '../base/errors.ts';
import { textLines } from '../text/lines.ts';
import { referenceCounts } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream, MAX_CPUS } from './event-stream.ts';
import type { ImportInput, ImportResult } from './importer.ts';
import { RunningTasks } from './kernel-tasks.ts';
import { References } from './references.ts';
import type { EventSink, ObjectNumbers } from './windows.ts';

export interface SampleFormat {
  /** The importer's name. */
  readonly name: string;
  /** A whole line, for people. */
  readonly example: string;
  /** How to record one. */
  readonly remedy: string;
  /** Touches what the line found accessed; or the rule by which it is no sample. Throws Malformed. */
  read(text: string, line: SampleLine): string | undefined;
}

interface SampleMoment {
  /** Undefined where it is not said: then no time passes. */
  readonly timeNs?: number | undefined;
  readonly cpu?: number | undefined;
  readonly process?: number | undefined;
}

const ACCESS = EVENT_KINDS.access.code;
const LETTERS_SHOWN = 160;
const SIZE = 1;
const NO_PROCESS = 1;
const TWO_TO_32 = 2 ** 32;
const MORE = 'further accesses of one line';
const WINDOWS = 'window mapped, or reference cut in two';

/** Says the samples of a line. */
export class SampleLine {
  readonly changed: Record<string, number> = {};
  /** Number of samples by operation. */
  readonly operations = new Float64Array(4);
  readonly events = new EventStream();
  readonly tasks = new RunningTasks(this.events);
  /** By process. */
  private readonly references = new Map<number, References>();
  private readonly numbers: ObjectNumbers = { last: 0 };
  private process = NO_PROCESS;
  private isFirst = true;

  /** What the line says of its moment. */
  at({ timeNs, cpu = 0, process = NO_PROCESS }: SampleMoment): void {
    if (cpu >= MAX_CPUS) throw new Malformed(`cpus from 0 to ${MAX_CPUS - 1}`);
    this.process = process;
    this.isFirst = true;
    if (timeNs === undefined) this.events.on(cpu);
    else this.events.at(cpu, timeNs);
    this.tasks.run(cpu, process);
  }

  /** @param address below 2^53 */
  touch(operation: number, address: number, size: number = SIZE): void {
    this.touchHalves(operation, Math.floor(address / TWO_TO_32) | 0, address | 0, size);
  }

  touchHalves(operation: number, high: number, low: number, size: number = SIZE): void {
    let references = this.references.get(this.process);
    if (references === undefined) {
      references = new References(this.sink, this.numbers);
      this.references.set(this.process, references);
    }
    references.touch(operation, high, low, size);
    this.operations[operation & OPERATION_MASK]!++;
  }

  change(rule: string): void {
    this.changed[rule] = (this.changed[rule] ?? 0) + 1;
  }

  private readonly sink: EventSink = {
    push: (kind, _cpu, _thinkNs, object, a, b, c) => {
      const isAccess = kind === ACCESS && (c & CONTINUED) === 0;
      if (!isAccess) this.events.imply(WINDOWS, kind, object, a, b, c);
      else if (this.isFirst) this.events.say(kind, object, a, b, c);
      else this.events.imply(MORE, kind, object, a, b, c);
      if (isAccess) this.isFirst = false;
    },
  };
}

export async function importSamples(
  { name, blocks }: ImportInput,
  output: BatchSink,
  format: SampleFormat,
): Promise<ImportResult> {
  const line = new SampleLine();
  const ignored: Record<string, number> = {};
  const warnings: string[] = [];
  let count = 0;
  for await (const { lines, cut } of textLines(blocks, name)) {
    for (const text of lines) {
      count++;
      const rule = cut ? 'last line, cut' : readLine(format, text, line, name, count);
      if (rule !== undefined) ignored[rule] = (ignored[rule] ?? 0) + 1;
    }
    if (cut) warnings.push(`line ${count} has no end: the trace was cut there, and the line is left out`);
    await line.events.writeFull(output);
  }
  if (line.events.said === 0) throw noSamples(name, count, format);
  await line.events.end(output);
  return resultOf(format, line, { lines: count, ignored, warnings });
}

function readLine(format: SampleFormat, text: string, line: SampleLine, file: string, count: number) {
  try {
    return /\S/.test(text) ? format.read(text, line) : 'empty line';
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const found = JSON.stringify(text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}...` : text);
    throw new ImportError({ file, line: count, found, expected: error.expected, remedy: format.remedy });
  }
}

function noSamples(file: string, lines: number, { example, remedy }: SampleFormat): ImportError {
  return new ImportError({
    file,
    found: `${lines} lines, none of them a sample with an address`,
    expected: `lines such as "${example}"`,
    remedy,
  });
}

function resultOf(
  { name }: SampleFormat,
  { events, tasks, changed, operations }: SampleLine,
  { lines, ignored, warnings }: Pick<ImportResult, 'lines' | 'ignored' | 'warnings'>,
): ImportResult {
  const waits = `${(events.lostNs / 1e9).toFixed(1)} s are left out: an event carries 4.29 s at most`;
  return {
    format: name,
    lines,
    events: events.count,
    eventLines: events.said,
    references: referenceCounts(operations),
    ignored,
    implied: events.implied,
    changed,
    processes: tasks.count,
    warnings: events.lostNs > 0 ? [...warnings, waits] : warnings,
    notes: { cpus: events.cpus },
  };
}
