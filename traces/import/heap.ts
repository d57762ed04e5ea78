/**
 * Imports traces of a program's heap: valgrind --trace-malloc, ltrace, glibc's mtrace. traces/heap reads the lines;
 * heap-memory.ts makes system calls and references of them, in the processes of
 * heap-processes.ts.
 *
 * Each line is said as one event, or ignored by a rule that is named and counted, or an error; events that no line
 * says are implied by a rule, named and counted too.
 */
import { ltrace } from '../heap/ltrace.ts';
import { mtrace } from '../heap/mtrace.ts';
import type { HeapDialect, HeapLine, HeapReader } from '../heap/record.ts';
import { vgmalloc } from '../heap/vgmalloc.ts';
import { StraceClock } from '../strace/clock.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream } from './event-stream.ts';
import { HeapBeside } from './heap-beside.ts';
import { HeapMachine } from './heap-machine.ts';
import { SharedByHeaps } from './heap-memory.ts';
import { FIRST_THREAD, type HeapProcess, HeapProcesses } from './heap-processes.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { importLines, type LineCounts } from './text-import.ts';

const CPU = 0;
/** So many lines show of which machine the heap is, before the first is said. */
const LINES_AHEAD = 4_096;

export const heapImporters: readonly Importer[] = [vgmalloc, ltrace, mtrace].map((dialect) => ({
  name: dialect.name,
  describe: dialect.describe,
  grammar: dialect.grammar,
  sniff: (head) => dialect.sniff(head),
  import: (input, output) => new HeapImport(input, output, dialect).run(),
}));

class HeapImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly dialect: HeapDialect;
  private readonly reader: HeapReader;
  private readonly events = new EventStream();
  private readonly clock = new StraceClock();
  private readonly machine: HeapMachine;
  private readonly heaps: SharedByHeaps;
  private readonly processes: HeapProcesses;

  constructor(input: ImportInput, output: BatchSink, dialect: HeapDialect) {
    this.input = input;
    this.output = output;
    this.dialect = dialect;
    this.reader = dialect.reader();
    const isGlibc = dialect.allocator === 'glibc';
    this.machine = new HeapMachine(isGlibc);
    this.heaps = new SharedByHeaps(this.events, isGlibc, this.machine, new HeapBeside(input.beside ?? []));
    this.processes = new HeapProcesses(this.heaps, dialect.pidsAre);
  }

  async run(): Promise<ImportResult> {
    const { input, output, events } = this;
    const { name, command } = this.dialect;
    const counts = await importLines(input, output, events, {
      name,
      wanted: 'a call of malloc or free',
      remedy: `Record again: ${command}`,
      ahead: LINES_AHEAD,
      parse: (text) => this.read(text),
      say: (line: HeapLine) => this.say(line),
    });
    this.processes.end();
    await events.end(output);
    return this.result(counts);
  }

  private read(text: string): HeapLine {
    const line = this.reader.read(text);
    this.machine.see(line);
    return line;
  }

  private say(line: HeapLine): string | undefined {
    const { record, stamp } = line;
    this.events.at(CPU, this.clock.ns(stamp));
    if (record.kind === 'ignored' && record.begins === undefined) return record.rule;
    const process = this.processes.of(line);
    switch (record.kind) {
      case 'fork':
        return this.processes.forked(process, record.child);
      case 'exec':
        this.processes.execed(process);
        return undefined;
      case 'end':
        return this.end(process, line);
      case 'ignored':
        return record.rule;
      default:
        return this.call(record, process, this.processes.threadOf(line));
    }
  }

  private end(process: HeapProcess, line: HeapLine): string | undefined {
    const thread = this.processes.threadOf(line);
    if (thread === FIRST_THREAD) {
      process.ended = true;
      return 'end of the program';
    }
    this.processes.run(process);
    return process.memory.endThread(thread);
  }

  private call(record: HeapCall, process: HeapProcess, thread: number): string | undefined {
    const { memory } = process;
    this.processes.run(process);
    process.hasCalls = true;
    switch (record.kind) {
      case 'alloc':
        return memory.alloc(thread, record);
      case 'free':
        return memory.free(thread, record.address);
      case 'realloc':
        return memory.realloc(thread, record.old, record.address, record.size);
    }
  }

  private result(counts: LineCounts): ImportResult {
    const { events, heaps, processes } = this;
    const elsewhere = `${heaps.elsewhere} of ${heaps.compared} blocks lie elsewhere than malloc of glibc 2.36 would put them: ${WHY_ELSEWHERE}`;
    const threads =
      'several pids wrote into this trace, and no line says that one was forked: taken for threads';
    return {
      format: this.dialect.name,
      ...counts,
      events: events.count,
      eventLines: events.said,
      references: heaps.references,
      heapPages: heaps.pages,
      heapMachine: this.machine.sizes.machine,
      implied: events.implied,
      processes: processes.count,
      warnings: [
        ...counts.warnings,
        ...this.reader.warnings(),
        ...(processes.threads > 0 ? [threads] : []),
        ...(heaps.elsewhere > 0 ? [elsewhere] : []),
        ...heaps.beside.warnings(),
      ],
    };
  }
}

const WHY_ELSEWHERE = 'another version, another allocator, or calls that are not in the trace';

type HeapCall = Extract<HeapLine['record'], { readonly kind: 'alloc' | 'free' | 'realloc' }>;
