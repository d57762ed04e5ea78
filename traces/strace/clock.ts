/** Times of strace's lines as nanoseconds since the first of them. Midnight may pass between times of day. */
import type { Stamp } from './head.ts';

const NS = 1e9;
const DAY_SECONDS = 86_400;

export class StraceClock {
  /** Of the first absolute stamp; whole seconds apart, since nanoseconds since 1970 do not fit in a number. */
  private first: Stamp | undefined;
  private days = 0;
  private lastSeconds = 0;
  private lastNs = 0;

  /** To be asked once for each line, in order: some stamps count from the line before. Lines without one happen then. */
  ns(stamp: Stamp | undefined): number {
    if (stamp === undefined) return this.lastNs;
    const { kind, seconds, ns } = stamp;
    if (kind === 'since') this.lastNs += seconds * NS + ns;
    else this.lastNs = this.absolute(stamp, kind === 'day');
    return this.lastNs;
  }

  private absolute(stamp: Stamp, isOfDay: boolean): number {
    const { seconds, ns } = stamp;
    // Lines of several processes may be a little out of order: only half a day back is midnight.
    if (isOfDay && this.lastSeconds - seconds > DAY_SECONDS / 2) this.days++;
    this.lastSeconds = seconds;
    this.first ??= stamp;
    return (this.days * DAY_SECONDS + seconds - this.first.seconds) * NS + ns - this.first.ns;
  }
}
