/** Virtual memory areas: the mappings of an address space, one for each part of an object that is alike. */

/** vm_flags that are kept beside protection and sharing; bit values of include/linux/mm.h, v6.1. */
export const VM_GROWSDOWN = 0x100;
export const VM_LOCKED = 0x2000;
/** madvise(MADV_SEQUENTIAL), madvise(MADV_RANDOM). */
export const VM_SEQ_READ = 0x8000;
export const VM_RAND_READ = 0x1_0000;
/** Its pages are promised: it is, or was, private and writable. */
export const VM_ACCOUNT = 0x10_0000;
/** Cannot grow: the kernel's own pages for user mode. */
export const VM_DONTEXPAND = 0x4_0000;
/** madvise(MADV_HUGEPAGE), madvise(MADV_NOHUGEPAGE). */
export const VM_HUGEPAGE = 0x2000_0000;
export const VM_NOHUGEPAGE = 0x4000_0000;

/**
 * Of flags, bits that say what a kernel knows by pointers: a page of its own was ever faulted in (anon_vma); it was moved
 * after that, and its pages keep the offsets of where they were (vm_pgoff); it came from a fork with such pages, whose
 * reverse map it shares (anon_vma_chain).
 */
export const VM_ANON = 0x1;
export const VM_SHIFTED = 0x2;
export const VM_FORKED = 0x4;

/** [startVpn, startVpn + nrPages) of one object (vm_area_struct). */
export interface Vma {
  readonly startVpn: number;
  readonly nrPages: number;
  /** The object that it maps, and the page of the object at `startVpn`. */
  readonly object: number;
  readonly objectPage: number;
  /** PROT_ bits of event/mmap-flags.ts. */
  readonly prot: number;
  /** VM_ bits of above. */
  readonly flags: number;
  readonly shared: boolean;
  /** The file behind it (also that of shared anonymous memory), 0 for private anonymous memory. */
  readonly file: number;
}

/** The page behind the last one. */
export function endVpn(vma: Vma): number {
  return vma.startVpn + vma.nrPages;
}

/** Where page 0 of its object would lie. */
export function baseVpn(vma: Vma): number {
  return vma.startVpn - vma.objectPage;
}

/** The part of a VMA in pages [start, end), which it contains. */
export function clipVma(vma: Vma, start: number, end: number): Vma {
  if (start === vma.startVpn && end === endVpn(vma)) return vma;
  const { object, prot, flags, shared, file } = vma;
  const objectPage = vma.objectPage + start - vma.startVpn;
  return { startVpn: start, nrPages: end - start, object, objectPage, prot, flags, shared, file };
}

/** With other attributes. Field by field, as all of them: a spread object is slower to make, and to read ever after. */
export function vmaWith(vma: Vma, prot: number, flags: number): Vma {
  const { startVpn, nrPages, object, objectPage, shared, file } = vma;
  return { startVpn, nrPages, object, objectPage, prot, flags, shared, file };
}

/** `right` begins where `left` ends, and continues it in every respect (can_vma_merge_after, v6.1). */
export function continues(left: Vma, right: Vma): boolean {
  return (
    endVpn(left) === right.startVpn &&
    left.object === right.object &&
    baseVpn(left) === baseVpn(right) &&
    left.prot === right.prot &&
    ((left.flags ^ right.flags) & ~VM_ANON) === 0
  );
}
