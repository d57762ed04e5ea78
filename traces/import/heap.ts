/**
 * Imports traces of a program's heap: valgrind --trace-malloc, ltrace, glibc's mtrace. traces/heap reads the lines;
 * heap-memory.ts makes system calls and references of them, in one process.
 *
 * Each line is said as one event, or ignored by a rule that is named and counted, or an error; events that no line
 * says are implied by a rule, named and counted too.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ltrace } from '../heap/ltrace.ts';
import { mtrace } from '../heap/mtrace.ts';
import type { HeapDialect, HeapLine, HeapReader } from '../heap/record.ts';
import { vgmalloc } from '../heap/vgmalloc.ts';
import { StraceClock } from '../strace/clock.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream } from './event-stream.ts';
import { HeapMemory } from './heap-memory.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { importLines, type LineCounts } from './text-import.ts';

const { spawn, switch: switchTo, exit } = EVENT_KINDS;
const CPU = 0;
const PID = 1;

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
  private readonly memory = new HeapMemory(this.events);
  private ended = false;

  constructor(input: ImportInput, output: BatchSink, dialect: HeapDialect) {
    this.input = input;
    this.output = output;
    this.dialect = dialect;
    this.reader = dialect.reader();
  }

  async run(): Promise<ImportResult> {
    const { input, output, events } = this;
    events.at(CPU, 0);
    events.imply('the program', spawn.code, PID);
    events.imply('the program', switchTo.code, PID);
    const { name, command } = this.dialect;
    const format = { name, wanted: 'a call of malloc or free', remedy: `Record again: ${command}` };
    const say = (line: string): string | undefined => this.say(this.reader.read(line));
    const counts = await importLines(input, output, events, format, say);
    if (this.ended) events.imply('the program', exit.code, 0);
    await events.end(output);
    return this.result(counts);
  }

  private say({ record, time }: HeapLine): string | undefined {
    const { memory } = this;
    this.events.at(CPU, this.clock.ns(time));
    switch (record.kind) {
      case 'alloc':
        return memory.alloc(record.address, record.size);
      case 'free':
        return memory.free(record.address);
      case 'realloc':
        return memory.realloc(record.old, record.address, record.size);
      case 'end':
        this.ended = true;
        return 'end of the program';
      case 'ignored':
        return record.rule;
    }
  }

  private result(counts: LineCounts): ImportResult {
    const { events } = this;
    return {
      format: this.dialect.name,
      ...counts,
      events: events.count,
      eventLines: events.said,
      references: this.memory.references,
      implied: events.implied,
      processes: 1,
      warnings: [...counts.warnings, ...this.reader.warnings()],
    };
  }
}
