/** Virtual memory areas: the mappings of an address space, one for each mapped part of an object. */

/** [startVpn, startVpn + nrPages) of one object (vm_area_struct). */
export interface Vma {
  readonly startVpn: number;
  readonly nrPages: number;
  /** The object that it maps, and the page of the object at `startVpn`. */
  readonly object: number;
  readonly objectPage: number;
  /** PROT_ bits of event/mmap-flags.ts. */
  readonly prot: number;
  readonly shared: boolean;
  /** The file behind it (also that of shared anonymous memory), 0 for private anonymous memory. */
  readonly file: number;
}

export function endVpn(vma: Vma): number {
  return vma.startVpn + vma.nrPages;
}

/** Index of the first VMA that ends above `vpn`; vmas.length when there is none. */
export function firstEndingAbove(vmas: readonly Vma[], vpn: number): number {
  let low = 0;
  let high = vmas.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endVpn(vmas[middle]!) > vpn) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The VMA that contains a page. */
export function vmaAt(vmas: readonly Vma[], vpn: number): Vma | undefined {
  const vma = vmas[firstEndingAbove(vmas, vpn)];
  return vma !== undefined && vma.startVpn <= vpn ? vma : undefined;
}

/** Highest free place for `nrPages` within [lowVpn, highVpn), as the kernel's top-down mmap picks it. */
export function highestGap(
  vmas: readonly Vma[],
  nrPages: number,
  lowVpn: number,
  highVpn: number,
): number | undefined {
  let ceiling = highVpn;
  for (let i = firstEndingAbove(vmas, highVpn - 1); i >= 0; i--) {
    const vma = vmas[i];
    if (vma === undefined) continue;
    const floor = Math.max(endVpn(vma), lowVpn);
    if (ceiling - floor >= nrPages) return ceiling - nrPages;
    ceiling = Math.min(ceiling, vma.startVpn);
    if (ceiling <= lowVpn) return undefined;
  }
  return ceiling - lowVpn >= nrPages ? ceiling - nrPages : undefined;
}
