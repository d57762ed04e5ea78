/**
 * Eras: what a kernel has from one version on until the next entry. Each constant that changed in the life of Linux is a
 * table of them, with the place that says so; nothing else asks for a version.
 */
import { isSince, type LinuxVersion, parseVersion } from './version.ts';

export interface Era<T> {
  /** First version that has it; of the oldest, the first one that this table was made for. */
  readonly since: string;
  readonly value: T;
  /** File and symbol in the kernel's source. */
  readonly source: string;
}

/** What a version has, of entries that descend; the oldest entry stands for all that is older. */
export function inEra<T>(eras: readonly Era<T>[], version: LinuxVersion): T {
  const found = eras.find(({ since }) => isSince(version, parseVersion(since)!));
  return (found ?? eras.at(-1)!).value;
}
