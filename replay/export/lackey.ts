/**
 * References as valgrind's lackey writes them (lackey/lk_main.c, --trace-mem=yes): `I  0401ab70,3`, ` L `, ` S `, ` M `.
 *
 * Events name objects and offsets, lackey has addresses. Each window of 4 MiB of an object, which is what the importer
 * makes objects of, gets the next 4 MiB of addresses when it is first touched: imported again it is one object, and
 * exported again the text is the same.
 */
import {
  CONTINUED,
  EXECUTE,
  KERNEL_MODE,
  MODIFY,
  OPERATION_MASK,
  READ,
  WRITE,
} from '../../core/event/access-mode.ts';
import type { Batch } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { kindName } from '../events/columns.ts';
import { NO_PROCESS, type Pass } from '../events/passes.ts';
import type { Exporter, ExportTally } from './exporter.ts';

export const lackey: Exporter = {
  name: 'lackey',
  describe: 'references of user mode as valgrind --tool=lackey --trace-mem=yes writes them',
  extension: 'lackey',
  layout: 'no',
  async *write({ passes, wanted, createdBy }, tally) {
    const encoder = new TextEncoder();
    const text = new LackeyText(tally, createdBy);
    yield encoder.encode(text.head());
    for await (const pass of passes) {
      for (let at = 0; at < pass.batch.count; at++) if (wanted?.(pass, at) ?? true) text.add(pass, at);
      yield encoder.encode(text.take());
    }
    yield encoder.encode(text.end());
  },
};

const ACCESS = EVENT_KINDS.access.code;
const EXEC = EVENT_KINDS.exec.code;

const LETTERS: Readonly<Record<number, string>> = {
  [EXECUTE]: 'I  ',
  [READ]: ' L ',
  [WRITE]: ' S ',
  [MODIFY]: ' M ',
};
/** As in traces/import/windows.ts. */
const WINDOW_BYTES = 2 ** 22;
const WINDOWS_PER_OBJECT = 2 ** 10;
/** Above where programs for 32 bits begin; below that addresses look like mistakes. */
const FIRST_WINDOW = 64;
/** MAX_ACCESS_BYTES of traces/import/lackey-lines.ts: no instruction takes more. */
const MOST_BYTES = 512;
const LEAST_DIGITS = 8;
const PID = 1;

interface Reference {
  readonly operation: number;
  readonly address: number;
  bytes: number;
}

class LackeyText {
  private readonly tally: ExportTally;
  private readonly createdBy: string;
  private readonly windows = new Map<number, number>();
  private nextWindow = FIRST_WINDOW;
  private lines: string[] = [];
  private instructions = 0;
  /** Waits for what continues it. */
  private pending: Reference | undefined;
  private process = NO_PROCESS;
  private isOfSeveral = false;

  constructor(tally: ExportTally, createdBy: string) {
    this.tally = tally;
    this.createdBy = createdBy;
  }

  head(): string {
    return `${banner('Lackey, an example Valgrind tool')}${banner(`Written by ${this.createdBy}: addresses are made up`)}${banner('Command: ?')}`;
  }

  add({ batch, processes }: Pass, at: number): void {
    const kind = batch.kind[at]!;
    if (kind === ACCESS) this.reference(batch, at, processes![at]!);
    else {
      this.flush();
      if (kind === EXEC && !this.isOfSeveral) this.exec();
      else this.tally.leave(`no reference: ${kindName(kind)}`);
    }
  }

  take(): string {
    const text = this.lines.join('');
    this.lines = [];
    return text;
  }

  end(): string {
    this.flush();
    return this.take() + this.summary();
  }

  private reference({ object, a, b, c, thinkNs }: Batch, at: number, process: number): void {
    const mode = c[at]!;
    if (mode & KERNEL_MODE) {
      this.tally.leave('references of the kernel');
      return;
    }
    if (thinkNs[at]! > 0) this.tally.change('times between references, which have no place');
    if (mode & CONTINUED && this.pending !== undefined) {
      this.pending.bytes += b[at]!;
      this.tally.told++;
      return;
    }
    this.flush();
    this.note(process);
    if (b[at] === 0 || b[at]! > MOST_BYTES) {
      this.tally.leave(`references of 0 or more than ${MOST_BYTES} bytes`);
      return;
    }
    this.tally.told++;
    const operation = mode & OPERATION_MASK;
    this.pending = { operation, address: this.addressOf(object[at]!, a[at]!), bytes: b[at]! };
  }

  private note(process: number): void {
    if (this.process !== NO_PROCESS && process !== this.process) {
      this.isOfSeveral = true;
      this.tally.change('another process on a cpu: its lines are told as if they were of the same');
    }
    this.process = process;
  }

  private addressOf(object: number, offset: number): number {
    const key = object * WINDOWS_PER_OBJECT + Math.floor(offset / WINDOW_BYTES);
    const window = this.windows.get(key) ?? this.nextWindow++;
    this.windows.set(key, window);
    return window * WINDOW_BYTES + (offset % WINDOW_BYTES);
  }

  private flush(): void {
    if (this.pending === undefined) return;
    const { operation, address, bytes } = this.pending;
    if (operation === EXECUTE) this.instructions++;
    this.lines.push(`${LETTERS[operation]!}${address.toString(16).padStart(LEAST_DIGITS, '0')},${bytes}\n`);
    this.pending = undefined;
  }

  /** The next program in the same process: valgrind ends with its summary, and begins anew. */
  private exec(): void {
    this.tally.told++;
    this.lines.push(this.summary(), banner('Command: ?'));
    this.instructions = 0;
    // The address space is empty: what is touched next is another thing.
    this.windows.clear();
  }

  /** By which an importer sees that nothing is missing. */
  private summary(): string {
    return banner(`guest instrs:  ${this.instructions.toLocaleString('en-US')}`);
  }
}

function banner(text: string): string {
  return `==${PID}== ${text}\n`;
}
