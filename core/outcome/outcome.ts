/**
 * Outcomes: what one machine made of each event of a batch, in columns parallel to the batch.
 *
 * An access that hit the first-level TLB leaves `flags` and `status` zero, so that whoever looks for what
 * happened can skip it: nearly all references are such.
 */

import { byCode } from '../base/code-table.ts';
import type { ReadonlyColumn } from '../base/columns.ts';
import { FAULTS } from './faults.ts';

export * from './faults.ts';
export * from './statuses.ts';

/** Where a translation was found. */
export const TRANSLATION = {
  l1: { code: 0, story: 'L1 TLB hit' },
  l2: { code: 1, story: 'L2 TLB hit' },
  walk: { code: 2, story: 'page-table walk' },
} as const;

/** `flags` bits 0-1: how an access was translated (the worst of its pages), by code. */
export const TRANSLATIONS = byCode<TranslationName, { readonly code: number; readonly story: string }>(
  TRANSLATION,
);
export type TranslationName = keyof typeof TRANSLATION;
export const TLB_MASK = 3;
export const TLB_L1 = TRANSLATION.l1.code;
export const TLB_L2 = TRANSLATION.l2.code;
export const TLB_WALK = TRANSLATION.walk.code;

/** `flags` bits 2-4: the page fault that an access took (the last of its pages), a code of FAULTS. */
export const FAULT_SHIFT = 2;
export const FAULT_MASK = 7 << FAULT_SHIFT;

interface AddressRow {
  readonly code: number;
  /** In a report: the name of the figure, and the words for it. */
  readonly key: string;
  readonly label: string;
}

const ADDRESS_ROWS = {
  none: { code: 0, key: 'none', label: 'none' },
  'user-virtual': { code: 1, key: 'userVirtual', label: 'user virtual' },
  'kernel-logical': { code: 2, key: 'kernelLogical', label: 'kernel logical' },
  'kernel-virtual': { code: 3, key: 'kernelVirtual', label: 'kernel virtual' },
  /** Page frames without a kernel address: high memory. */
  physical: { code: 4, key: 'physical', label: 'page frames only' },
  /** What a device puts on the bus; `vpn` is a page of bus addresses. */
  bus: { code: 5, key: 'bus', label: 'bus' },
} as const satisfies Record<string, AddressRow>;

/** `flags` bits 5-7: the type of address that an allocation or mapping gave, by code. */
export const ADDRESSES = byCode<AddressName, (typeof ADDRESS_ROWS)[AddressName]>(ADDRESS_ROWS);
/** The name of a row of ADDRESSES. */
export type AddressName = keyof typeof ADDRESS_ROWS;
export const ADDRESS_SHIFT = 5;
export const ADDRESS_USER = ADDRESS_ROWS['user-virtual'].code;
export const ADDRESS_LOGICAL = ADDRESS_ROWS['kernel-logical'].code;
export const ADDRESS_VIRTUAL = ADDRESS_ROWS['kernel-virtual'].code;
export const ADDRESS_PHYSICAL = ADDRESS_ROWS.physical.code;
export const ADDRESS_BUS = ADDRESS_ROWS.bus.code;

/** What `flags` say: how an access was translated, the fault that it took, the type of address that was given. */
export const translationOf = (flags: number): (typeof TRANSLATIONS)[number] =>
  TRANSLATIONS[flags & TLB_MASK]!;
export const faultOf = (flags: number): (typeof FAULTS)[number] =>
  FAULTS[(flags & FAULT_MASK) >>> FAULT_SHIFT]!;
export const addressTypeOf = (flags: number): (typeof ADDRESSES)[number] =>
  ADDRESSES[flags >>> ADDRESS_SHIFT]!;

/** What became of each event of a batch. The columns are this fold's alone, and not to be written. */
export interface Outcomes {
  readonly count: number;
  /** A code of STATUSES. */
  readonly status: ReadonlyColumn<Uint8Array>;
  readonly flags: ReadonlyColumn<Uint8Array>;
  readonly latencyNs: ReadonlyColumn<Uint32Array>;
  /** First virtual page number of what an allocation or mapping gave; 0 for accesses. */
  readonly vpn: ReadonlyColumn<Float64Array>;
  /** First page frame of what an allocation gave (physically contiguous ones only). */
  readonly pfn: ReadonlyColumn<Float64Array>;
  /** The same of one event, without a column made for a batch in which nothing was placed. */
  vpnAt(at: number): number;
  pfnAt(at: number): number;
}

/** Outcomes while a fold fills them in. */
export class OutcomesDraft implements Outcomes {
  readonly count: number;
  readonly status: Uint8Array;
  readonly flags: Uint8Array;
  readonly latencyNs: Uint32Array;
  // Most batches are accesses only, in which nothing is placed: these come when somebody asks for them.
  private vpns: Float64Array | undefined = undefined;
  private pfns: Float64Array | undefined = undefined;

  constructor(count: number) {
    this.count = count;
    // Whole words, so that readers can look at four events at a time.
    const padded = (count + 3) & ~3;
    this.status = new Uint8Array(padded);
    this.flags = new Uint8Array(padded);
    this.latencyNs = new Uint32Array(count);
  }

  /** For so many events: in the columns of `spare`, which nobody reads any more, if it has as many. */
  static of(count: number, spare?: Outcomes): OutcomesDraft {
    return spare instanceof OutcomesDraft && spare.count === count
      ? spare.emptied()
      : new OutcomesDraft(count);
  }

  /** Nothing has happened yet. The latency of every event is written in any case. */
  private emptied(): this {
    this.status.fill(0);
    this.flags.fill(0);
    this.vpns?.fill(0);
    this.pfns?.fill(0);
    return this;
  }

  get vpn(): Float64Array {
    this.vpns ??= new Float64Array(this.count);
    return this.vpns;
  }

  get pfn(): Float64Array {
    this.pfns ??= new Float64Array(this.count);
    return this.pfns;
  }

  vpnAt(at: number): number {
    return this.vpns === undefined ? 0 : this.vpns[at]!;
  }

  pfnAt(at: number): number {
    return this.pfns === undefined ? 0 : this.pfns[at]!;
  }

  /** Notes where something was put. */
  place(at: number, vpn: number, pfn: number): void {
    if (vpn !== 0) this.vpn[at] = vpn;
    if (pfn !== 0) this.pfn[at] = pfn;
  }
}
