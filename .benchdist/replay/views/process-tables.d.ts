import type { Machine } from '../../core/state/machine.ts';
/** pte tables, and pmd tables if those are not the roots (pgtable_pte_page_ctor, pgtable_pmd_page_ctor, v6.1). */
export declare function processTablePages(machine: Machine): number;
