/** RAM in words: how much there is, and what of it a layout does not use. Kernels warn of that at boot, and so do we. */
import type { Layout } from '../../core/layout/layout.ts';
import { unusedRam, usedRamBytes } from '../../core/layout/ram.ts';
import { formatBytes } from './units.ts';

/** `1.0 GiB of RAM`; `8.0 GiB of RAM, 3.0 GiB of it used`. */
export function ramText(layout: Layout): string {
  const all = `${formatBytes(layout.ramBytes)} of RAM`;
  return unusedRam(layout) === undefined ? all : `${all}, ${formatBytes(usedRamBytes(layout))} of it used`;
}

/** `linux-3g1g leaves 5.0 GiB of RAM unused: ...`; undefined when a layout uses all of it. */
export function ramWarning(name: string, unused: { bytes: number; reason: string } | null | undefined) {
  return unused ? `${name} leaves ${formatBytes(unused.bytes)} of RAM unused: ${unused.reason}` : undefined;
}
