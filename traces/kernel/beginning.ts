/** What the first lines of a text say of it: whether it is a kernel trace, by which tool, with which times. */
import { latin1 } from '../host/index.ts';
import { NEWLINE, SPACE } from '../text/bytes.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { LineClock } from './clock.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import { LineReader } from './line-reader.ts';
import { ABSENT, type KernelRecord, NO_TRACEPOINTS, type RecordSlot } from './record.ts';

const LETTERS_SHOWN = 160;
const COLON = 0x3a;

/** What the first lines of a text say of it. */
export interface KernelBeginning {
  /** Undefined where no line is of a kernel trace. */
  readonly dialect: Dialect | undefined;
  readonly timesNs: readonly number[];
  /** Lines that have a head and are tracepoints whose fields are read, other tracepoints, and neither. */
  readonly events: number;
  readonly others: number;
  readonly foreign: number;
  /** Lines that only a kernel trace has beside them: banners, call chains, notes of lost events. */
  readonly plain: number;
}

/** Reads some whole lines, whatever is wrong with them. */
export function look(firstBytes: Uint8Array): KernelBeginning {
  const end = firstBytes.lastIndexOf(NEWLINE) + 1;
  const seen = new Beginning();
  if (end > 0)
    new LineReader('', DIALECTS[0]!, new LineClock(false), seen.visit).readLeniently(firstBytes, end);
  return seen;
}

class Beginning implements KernelBeginning {
  readonly timesNs: number[] = [];
  events = 0;
  others = 0;
  foreign = 0;
  plain = 0;
  /** Names with a subsystem before them, as perf has them; with blanks behind them, as trace-cmd pads them. */
  private subsystems = 0;
  private padded = 0;
  private tracefs = 0;
  private traceCmd = 0;

  readonly visit = (record: KernelRecord): void => {
    if (record.kind === 'banner') this.banner(record as unknown as RecordSlot);
    else if ('timeNs' in record && isHeaded(record)) this.tracepoint(record as unknown as RecordSlot);
    else if (record.kind !== 'foreign' && record.kind !== 'blank') this.plain++;
    else if (record.kind === 'foreign') this.foreign++;
  };

  get dialect(): Dialect | undefined {
    const { events, others, subsystems, padded, tracefs, traceCmd } = this;
    if (events + others + tracefs + traceCmd === 0) return undefined;
    if (2 * subsystems > events + others) return DIALECTS[1];
    return DIALECTS[traceCmd > 0 || (tracefs === 0 && 2 * padded > events + others) ? 2 : 0];
  }

  private banner({ bytes, lineStart }: RecordSlot): void {
    const line = latin1(bytes.subarray(lineStart, lineStart + LETTERS_SHOWN));
    if (line.startsWith('# tracer: ')) this.tracefs++;
    else if (/^(?:cpus=|version = )\d/.test(line)) this.traceCmd++;
    this.plain++;
  }

  private tracepoint(slot: RecordSlot): void {
    if (slot.timeNs !== ABSENT) this.timesNs.push(slot.timeNs);
    if (slot.kind === 'foreign') this.foreign++;
    else if (slot.kind === 'other') this.others++;
    else this.events++;
    const { bytes, nameStart, nameEnd } = slot;
    this.subsystems += Number(bytes.subarray(nameStart, nameEnd).includes(COLON));
    this.padded += Number(bytes[nameEnd + 1] === SPACE && bytes[nameEnd + 2] === SPACE);
  }
}

function isHeaded(record: KernelRecord): boolean {
  return (
    !NO_TRACEPOINTS.has(record.kind) && (record.kind !== 'foreign' || record.name !== UNRECOGNISED.other)
  );
}
