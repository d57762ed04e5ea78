/** Numbers as people read them: the one place where figures become text, the same under every locale. */
import { partial } from 'filesize';

/** The locale is fixed: what a run prints can be compared with what another machine prints. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const twoPlaces = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const thirds = new Intl.NumberFormat('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** IEC prefixes, powers of 1024. */
const fewBytes = partial({ standard: 'iec', round: 0 });
const manyBytes = partial({ standard: 'iec', round: 1, pad: true });

/** `8 B`, `2.0 MiB`, `118.2 MiB`, `10.0 EiB`. */
export function formatBytes(bytes: number | bigint): string {
  return bytes < 1024 ? fewBytes(bytes) : manyBytes(bytes);
}

const SHORT_BYTES = ['B', 'K', 'M', 'G', 'T', 'P', 'E'];

/** `512B`, `94.1M`, `128T`: at most six columns, powers of 1024; 120T is 120 TiB. */
export function shortBytes(bytes: number): string {
  return shortened(bytes, 1024, SHORT_BYTES);
}

/** `1,234,567` if that fits so many columns, else `1.2M`: powers of 1000. */
export function shortCount(count: number, width: number): string {
  const whole = formatCount(count);
  return whole.length <= width ? whole : shortened(count, 1000, ['', 'k', 'M', 'G', 'T']);
}

/** `812ns`, `1.23ms`, `215ms`, `12.3s`: three digits. */
export function shortNs(ns: number): string {
  if (ns >= 1e12) return `${Math.round(ns / 1e9)}s`;
  return ns < 1e3 ? `${ns}ns` : `${threeDigits(ns / 1e3 ** thousands(ns))}${NS_UNITS[thousands(ns)]}`;
}

const NS_UNITS = ['ns', 'µs', 'ms', 's'];

function thousands(ns: number): number {
  return Math.min(3, Math.floor(Math.log10(ns) / 3));
}

function threeDigits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function shortened(value: number, step: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit++;
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)}${units[unit]}`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** `812 ns`, `1.234 ms`, `12.345 s`. */
export function formatNs(ns: number): string {
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${thirds.format(ns / 1e3)} µs`;
  if (ns < 1e9) return `${thirds.format(ns / 1e6)} ms`;
  return `${thirds.format(ns / 1e9)} s`;
}

/** `98.37 %`; nothing of nothing is a dash. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '-' : `${twoPlaces.format((100 * part) / whole)} %`;
}

/** `21.34`: how many of a thousand; nothing of nothing is a dash. */
export function formatPerThousand(part: number, whole: number): string {
  return whole === 0 ? '-' : twoPlaces.format((1000 * part) / whole);
}

/** `0x1f`, of a whole number that is not negative. */
export function hexOf(value: number): string {
  return `0x${value.toString(16)}`;
}
