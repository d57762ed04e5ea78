/**
 * The slices: all state that there is, as the mechanisms declare it. The order is that of drafts and of the byte form.
 */
import { dmaState } from '../dma/state.ts';
import { kmapState } from '../kmap/state.ts';
import { pagesState } from '../pages/state.ts';
import { pagingState } from '../paging/state.ts';
import { physState } from '../phys/state.ts';
import { reclaimState } from '../reclaim/state.ts';
import { slabState } from '../slab/state.ts';
import { basicState } from '../state/basic.ts';
import type { Part } from '../state/part.ts';
import { tlbState } from '../tlb/state.ts';
import { vmState } from '../vm/state.ts';

export const SLICES = {
  ...basicState,
  ...physState,
  ...pagesState,
  ...pagingState,
  ...tlbState,
  ...slabState,
  ...kmapState,
  ...vmState,
  ...dmaState,
  ...reclaimState,
};

export type PartName = keyof typeof SLICES;

/** Every part with its name. */
export const PARTS = Object.entries(SLICES) as readonly (readonly [PartName, Part<unknown, unknown>])[];
