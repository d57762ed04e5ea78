/** Which processors there are: /proc/cpuinfo. A PC's may run a kernel of 32 or of 64 bits: that it does not say. */

export interface Cpuinfo {
  readonly family: 'x86' | 'arm' | 'arm64';
  readonly cpus: number;
}

/** Undefined: of another family. */
export function parseCpuinfo(text: string): Cpuinfo | undefined {
  const cpus = Math.max(1, [...text.matchAll(/^processor\s*: \d+$/gm)].length);
  if (/^vendor_id\s*:/m.test(text)) return { family: 'x86', cpus };
  // Kernels of 64 bits name no model of the core (arch/arm64/kernel/cpuinfo.c); those of 32 bits do (arch/arm/kernel/setup.c).
  if (/^(?:model name|Processor)\s*: ARMv\d/m.test(text)) return { family: 'arm', cpus };
  return /^CPU architecture\s*: (?:8|AArch64)$/m.test(text) ? { family: 'arm64', cpus } : undefined;
}
