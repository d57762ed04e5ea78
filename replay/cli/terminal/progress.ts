/** A progress bar with rate and time left, on a stream that is a terminal. */
import type { Writable } from 'node:stream';
import cliProgress from 'cli-progress';

export interface Progress {
  /** How much is done, in the unit of the total; above the total is fine when that was a guess. */
  update(done: number): void;
  stop(): void;
}

/** What no terminal is too narrow for comes first: a line that is cut off loses its end. */
const WITH_TOTAL = '{label} {percentage}% {eta_formatted} left [{bar}] {rate}';
const WITHOUT_TOTAL = '{label} {done} {unit} | {rate}';

export type StartProgress = typeof startProgress;

export function startProgress(
  stream: Writable & { readonly columns?: number },
  label: string,
  unit: string,
  total: number | undefined,
): Progress {
  const columns = stream.columns || DEFAULT_COLUMNS;
  const format = total === undefined ? WITHOUT_TOTAL : WITH_TOTAL;
  const shown = shortened(label, columns - FIGURES - SHORTEST_BAR);
  const barsize = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, columns - FIGURES - shown.length));
  const bar = new cliProgress.SingleBar({ stream, format, barsize, hideCursor: true, clearOnComplete: true });
  const startedMs = performance.now();
  const payload = (done: number) => ({
    label: shown,
    unit,
    done: inMillions(done),
    rate: `${inMillions((done * 1000) / Math.max(1, performance.now() - startedMs))} ${unit}/s`,
  });
  bar.start(total ?? Number.MAX_SAFE_INTEGER, 0, payload(0));
  return { update: (done) => bar.update(done, payload(done)), stop: () => bar.stop() };
}

const DEFAULT_COLUMNS = 80;
/** Columns of all but the label and the bar: ` 100% 59m59s left [] 12.34 M events/s`, and one to spare. */
const FIGURES = 40;
const [SHORTEST_BAR, LONGEST_BAR] = [8, 40];

/** The end of a long path tells more than its beginning. */
function shortened(label: string, most: number): string {
  if (label.length <= most) return label;
  const [verb = '', ...rest] = label.split(' ');
  const kept = Math.max(1, most - verb.length - 2);
  return `${verb} …${rest.join(' ').slice(-kept)}`;
}

function inMillions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e8 ? 2 : 0)} M`;
}
