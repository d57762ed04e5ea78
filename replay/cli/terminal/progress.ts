/** A progress bar with rate and time left, on a stream that is a terminal. */
import type { Writable } from 'node:stream';
import cliProgress from 'cli-progress';

export interface Progress {
  /** How much is done, in the unit of the total; above the total is fine when that was a guess. */
  update(done: number): void;
  stop(): void;
}

const WITH_TOTAL = '{label} [{bar}] {percentage}% | {rate} | {eta_formatted} left';
const WITHOUT_TOTAL = '{label} {done} {unit} | {rate}';

export type StartProgress = typeof startProgress;

export function startProgress(
  stream: Writable,
  label: string,
  unit: string,
  total: number | undefined,
): Progress {
  const format = total === undefined ? WITHOUT_TOTAL : WITH_TOTAL;
  const bar = new cliProgress.SingleBar({ stream, format, hideCursor: true, clearOnComplete: true });
  const startedMs = performance.now();
  const payload = (done: number) => ({
    label,
    unit,
    done: inMillions(done),
    rate: `${inMillions((done * 1000) / Math.max(1, performance.now() - startedMs))} ${unit}/s`,
  });
  bar.start(total ?? Number.MAX_SAFE_INTEGER, 0, payload(0));
  return { update: (done) => bar.update(done, payload(done)), stop: () => bar.stop() };
}

function inMillions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e8 ? 2 : 0)} M`;
}
