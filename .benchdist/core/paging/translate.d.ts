import { type Outcomes } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import { type Run } from './run.ts';
import { type TlbParts } from './tlb.ts';
import { type AddressSpace } from './walk.ts';
export type { AddressSpace } from './walk.ts';
/** Translates the run; adds what the references took beyond a first-level hit to the outcomes. Returns that sum. */
export declare function translateRun(draft: Draft, tlb: Float64Array, parts: TlbParts, space: AddressSpace, run: Run, out: Outcomes): number;
