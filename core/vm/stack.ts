/**
 * Stacks: VMAs that grow downwards when what lies below them is touched (expand_stack, acct_stack_growth of
 * mm/mmap.c, v6.1), within RLIMIT_STACK, and not nearer to the mapping below than the guard gap.
 */
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { countMapped } from '../mm/usage.ts';
import { clipVma, endVpn, VM_GROWSDOWN, type Vma } from '../mm/vma.ts';
import type { Vmas } from '../mm/vmas.ts';

/** The VMA that contains a page, also if a stack has to grow for that; undefined when there is none. */
export function vmaTouched(draft: Draft, { id, root, vmas }: Mm, vpn: number): Vma | undefined {
  const vma = vmaWithin(draft, vmas, vpn);
  if (vma === undefined || vma.startVpn <= vpn) return vma;
  const grown = draft.records.editMm(id).vmas;
  grown.insert(clipVma(vma, vpn, vma.startVpn));
  countMapped(draft, root, vma.startVpn - vpn);
  return grown.firstEndingAbove(vpn);
}

/** The VMA that contains a page, or the stack above it that may grow to do so. */
export function vmaWithin(draft: Draft, vmas: Vmas, vpn: number): Vma | undefined {
  const vma = vmas.firstEndingAbove(vpn);
  if (vma === undefined || vma.startVpn <= vpn) return vma;
  return mayGrowTo(draft, vma, vmas.lastEndingBelow(vpn), vpn) ? vma : undefined;
}

function mayGrowTo(draft: Draft, vma: Vma, below: Vma | undefined, vpn: number): boolean {
  if ((vma.flags & VM_GROWSDOWN) === 0) return false;
  const { stackLimitPages, stackGuardPages, lowestVpn } = draft.platform.userSpace;
  if (vpn < lowestVpn || endVpn(vma) - vpn > stackLimitPages) return false;
  const isGuarded = below !== undefined && (below.flags & VM_GROWSDOWN) === 0 && below.prot !== 0;
  return !isGuarded || vpn - endVpn(below) >= stackGuardPages;
}
