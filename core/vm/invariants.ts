/** What must hold of address spaces: VMAs in order and apart, within user space, and users that are counted. */

import type { Machine, Mm } from '../machine/machine.ts';
import { usageOf } from '../mm/usage.ts';
import { baseVpn, endVpn } from '../mm/vma.ts';
import { isSwapPte, PTE_SPECIAL } from '../paging/pte.ts';
import { PAGING_VAR } from '../paging/state.ts';
import { forEachUserPage } from '../paging/user-pages.ts';

export function checkMms(machine: Machine, faults: string[]): void {
  const users = new Map<number, number>();
  for (const { mm } of Object.values(machine.records.processes)) users.set(mm, (users.get(mm) ?? 0) + 1);
  for (const mm of Object.values(machine.records.mms)) {
    const found = users.get(mm.id) ?? 0;
    if (found !== mm.users) faults.push(`address space ${mm.id}: ${found} users, ${mm.users} counted`);
    checkKernelTables(machine, mm, faults);
    checkVmas(machine, mm, faults);
    let resident = 0;
    forEachUserPage(machine, mm.root, (vpn, pte) => {
      if (!isSwapPte(pte) && (pte & PTE_SPECIAL) === 0) resident++;
      if (mm.vmas.at(vpn) === undefined)
        faults.push(`address space ${mm.id}: page ${vpn} is present, but in no VMA`);
    });
    checkUsage(machine, mm, resident, faults);
  }
}

/** What is counted as pages come and go is what is there. */
function checkUsage(machine: Machine, { id, root, vmas }: Mm, resident: number, faults: string[]): void {
  const counted = usageOf(machine, root);
  const mapped = vmas.toArray().reduce((sum, { nrPages }) => sum + nrPages, 0);
  if (counted.mapped !== mapped)
    faults.push(`address space ${id}: ${mapped} pages mapped, ${counted.mapped} counted`);
  if (counted.resident !== resident)
    faults.push(`address space ${id}: ${resident} pages in memory, ${counted.resident} counted`);
}

/** What faults have brought was not there at the beginning, is there, and came once. */
function checkKernelTables(
  { vars }: Machine,
  { id, kernelTables, faultedTables }: Mm,
  faults: string[],
): void {
  const all = vars[PAGING_VAR.kernelTables]!;
  const isWrong = faultedTables.some((number) => number <= kernelTables || number > all);
  if (isWrong || kernelTables > all || new Set(faultedTables).size < faultedTables.length)
    faults.push(
      `address space ${id}: tables 1 to ${kernelTables} and ${faultedTables} of the kernel's ${all}`,
    );
}

function checkVmas({ platform }: Machine, mm: Mm, faults: string[]): void {
  const bases = new Map<number, number>();
  let end = 0;
  for (const vma of mm.vmas) {
    const place = `address space ${mm.id}: VMA at page ${vma.startVpn}`;
    if (vma.nrPages <= 0 || vma.startVpn < end) faults.push(`${place} overlaps the one below, or is empty`);
    end = endVpn(vma);
    if (end > platform.userSpace.endVpn) faults.push(`${place} ends above user space`);
    const base = bases.get(vma.object) ?? baseVpn(vma);
    if (base !== baseVpn(vma)) faults.push(`${place}: object ${vma.object} lies at two places`);
    bases.set(vma.object, base);
  }
}
