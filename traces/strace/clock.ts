/** Times of strace as nanoseconds since the first: of day (-t, -tt), where midnight may pass, or since 1970 (-ttt). */
const NS = 1e9;
const DAY_SECONDS = 86_400;

export class StraceClock {
  /** Of the first stamp; whole seconds apart, since nanoseconds since 1970 do not fit in a number. */
  private first: { readonly seconds: number; readonly ns: number } | undefined;
  private days = 0;
  private lastSeconds = 0;
  private lastNs = 0;

  /** Lines without a time happen when the line before did. */
  ns(stamp: string | undefined): number {
    if (stamp === undefined) return this.lastNs;
    const [whole, fraction = ''] = stamp.split('.');
    const parts = whole!.split(':').map(Number);
    const seconds = parts.reduce((sum, part) => 60 * sum + part, 0);
    const ns = Number(fraction.padEnd(9, '0').slice(0, 9));
    // Lines of several processes may be a little out of order: only half a day back is midnight.
    if (parts.length > 1 && this.lastSeconds - seconds > DAY_SECONDS / 2) this.days++;
    this.lastSeconds = seconds;
    this.first ??= { seconds, ns };
    this.lastNs = (this.days * DAY_SECONDS + seconds - this.first.seconds) * NS + ns - this.first.ns;
    return this.lastNs;
  }
}
