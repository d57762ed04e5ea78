/**
 * The TLBs and page tables alone: page numbers, without repeats, through translation.ts. The geometry is that of the C
 * limit (L1 16 x 4, L2 128 x 12, walk cache of 32, four levels), so its figures compare.
 */

import { type AddressSpace, Translator } from '../../core/access/translation.ts';
import { fail } from '../../core/base/errors.ts';
import { Draft } from '../../core/machine/draft.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { OutcomesDraft } from '../../core/outcome/outcome.ts';
import { makePte, PTE_ACCESSED, PTE_PRESENT, PTE_USER } from '../../core/paging/pte.ts';
import { mapPage, newTable } from '../../core/paging/tables.ts';
import { keyBase } from '../../core/tlb/keys.ts';
import { REF_SHIFT, Run } from '../../core/tlb/run.ts';
import { BATCH_EVENTS, bootedMachine } from '../inputs/events.ts';
import { streamRows } from './reference-streams.ts';
import type { Suite } from './suite.ts';

export const translation: Suite = {
  name: 'translation',
  unit: 'references',
  doc: 'page numbers through the TLBs and page tables of linux-x86_64, a machine every 16,384 references',
  rows: streamRows((pages, resident) => {
    const start = translated(emptyAddressSpace(), resident);
    return () => translated(start, pages);
  }),
};

/** A machine, and what it lacks for a process without VMAs. */
interface Translated {
  readonly machine: Machine;
  readonly userRoot: number;
  /** Pages touched so far; each is mapped to the frame of that number. */
  readonly faults: number;
}

export function emptyAddressSpace(ramBytes?: bigint): Translated {
  const draft = new Draft(bootedMachine('linux-x86_64', ramBytes));
  const userRoot = newTable(draft);
  return { machine: draft.seal(false).machine, userRoot, faults: 0 };
}

const ASID = 1;
const PTE_FLAGS = PTE_PRESENT | PTE_USER | PTE_ACCESSED;

/** Translates loads from these pages, in batches. */
export function translated(
  { machine: start, userRoot, faults: before }: Translated,
  pages: Uint32Array,
): Translated {
  const run = new Run(BATCH_EVENTS);
  let machine = start;
  let faults = before;
  let draft: Draft;
  let outcomes: OutcomesDraft | undefined;
  const space: AddressSpace = {
    userRoot,
    kernelRoot: start.platform.kernelRoot,
    kernelFault() {},
    fault(vpn) {
      const failure = mapPage(draft, userRoot, vpn, makePte(++faults, PTE_FLAGS));
      if (failure < 0) fail(`no memory for the page table of page ${vpn}`);
    },
  };
  for (let first = 0; first < pages.length; first += BATCH_EVENTS) {
    const batch = pages.subarray(first, first + BATCH_EVENTS);
    draft = new Draft(machine);
    fillRun(run, batch);
    outcomes = OutcomesDraft.of(batch.length, outcomes);
    new Translator(draft, space, outcomes).translate(0, run);
    machine = draft.seal(false).machine;
  }
  return { machine, userRoot, faults };
}

/** Repeats of the page before are first-level hits that change nothing. */
function fillRun(run: Run, pages: Uint32Array): void {
  const { keys, refs } = run;
  const base = keyBase(ASID, 0);
  let last = -1;
  let count = 0;
  for (let at = 0; at < pages.length; at++) {
    const page = pages[at]!;
    if (page === last) continue;
    last = page;
    keys[count] = base + page;
    refs[count++] = at << REF_SHIFT;
  }
  run.count = count;
}
