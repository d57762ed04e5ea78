/** Which processors there are: /proc/cpuinfo. A PC's may run a kernel of 32 or of 64 bits: that it does not say. */
import { DIALECTS, type Dialect } from '../../../core/index.ts';

export interface Cpuinfo {
  /** Kernels that print such a file. */
  readonly dialects: readonly Dialect[];
  readonly cpus: number;
}

/** Undefined: of a processor that is not known. */
export function parseCpuinfo(text: string, known: readonly Dialect[] = DIALECTS): Cpuinfo | undefined {
  const cpus = Math.max(1, [...text.matchAll(/^processor\s*: \d+$/gm)].length);
  const dialects = known.filter(({ cpuinfo }) => cpuinfo.test(text));
  return dialects.length === 0 ? undefined : { dialects, cpus };
}
