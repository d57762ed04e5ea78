/** One outcome for people: what an event gave, at which address, or why it failed. */

import { errorCodeText, pageFaultErrorCode } from '../../core/access/error-code.ts';
import { busRanges, type DmaMapping } from '../../core/dma/mapping-facts.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { kindNamed } from '../../core/event/vocabulary.ts';
import { givenAddress, newDmaMapping, type Place } from '../../core/explain/event-address.ts';
import type { Folded } from '../../core/fold/fold.ts';
import { toHex } from '../../core/layout/regions.ts';
import type { Machine } from '../../core/machine/machine.ts';
import {
  type AddressName,
  addressTypeOf,
  FAULT,
  type FaultName,
  faultOf,
  STATUS,
  STATUSES,
  type StatusName,
  TRANSLATION,
  type TranslationName,
  translationOf,
} from '../../core/outcome/outcome.ts';
import { type Touched, touchedBy } from './access-text.ts';
import { figuresBehind } from './reasons.ts';
import { formatCount, hexOf } from './units.ts';

export interface LaneOutcome {
  readonly status: StatusName;
  readonly addressType: AddressName;
  /** What the event gave, as hexadecimal text; absent when that has no address. */
  readonly address?: string;
  /** First page frame, and its zone, of what is physically contiguous. */
  readonly pfn?: number;
  readonly zone?: string;
  /** What an access went to: its address, and the page frame, null when nothing is mapped there. */
  readonly touched?: { readonly address: string; readonly pfn: number | null };
  readonly fault: FaultName;
  /** Of the page fault, as the hardware pushed it; absent when there was none. */
  readonly errorCode?: number;
  /** Where the translation of an access was found. */
  readonly tlb: TranslationName;
  readonly latencyNs: number;
}

/** A translation that a TLB held, and which a fault had to change, was one that forbade the store. */
function tlbStory(tlb: TranslationName, fault: FaultName): string {
  const held =
    tlb !== 'walk' && fault !== 'none' ? ', of the entry before the fault, which forbids stores' : '';
  return TRANSLATION[tlb].story + held;
}

/** What became of one event: `before` is the machine, `folded` the fold of this event alone. */
export function describeOutcome(
  before: Machine,
  folded: Folded,
  event: MemoryEvent,
): { outcome: LaneOutcome; story: string } {
  const touched = touchedBy(before, folded, event);
  const outcome = withErrorCode(before, event, outcomeOf(folded, event, touched));
  const { status, errorCode } = outcome;
  const code =
    errorCode === undefined ? '' : `; ${errorCodeText(errorCode, before.platform.layout.arch.faultCodes)}`;
  const story =
    status === 'ok' ? success(folded.machine, outcome, event, touched) : failure(before, event, status);
  const where = status === 'ok' || touched === undefined ? '' : `; at ${touched.text}`;
  return { outcome, story: story + where + code };
}

function failure(before: Machine, event: MemoryEvent, status: StatusName): string {
  const figures = figuresBehind(before, event, status);
  const { reason } = STATUS[status];
  return figures === '' ? reason : `${reason}: ${figures}`;
}

/** What the hardware said of an access that ended in the page fault handler. */
function withErrorCode(before: Machine, event: MemoryEvent, outcome: LaneOutcome): LaneOutcome {
  const { status, fault } = outcome;
  if (event.kind !== 'access' || (fault === 'none' && !STATUS[status].faults)) return outcome;
  const errorCode = pageFaultErrorCode(before, event);
  return errorCode === undefined ? outcome : { ...outcome, errorCode };
}

function outcomeOf(folded: Folded, event: MemoryEvent, touched: Touched | undefined): LaneOutcome {
  const { machine, outcomes } = folded;
  const flags = outcomes.flags[0]!;
  const given = givenAddress(folded, event);
  const pfn = outcomes.pfnAt(0);
  const zone = machine.platform.zones.find(
    ({ startPfn, spannedPages }) => pfn >= startPfn && pfn < startPfn + spannedPages,
  );
  return {
    status: STATUSES[outcomes.status[0]!]!.name,
    addressType: addressTypeOf(flags).name,
    ...(given !== undefined && given.space !== 'physical' && { address: addressText(machine, given) }),
    ...(touched !== undefined && { touched: { address: touched.address, pfn: touched.pfn ?? null } }),
    ...(pfn !== 0 && { pfn }),
    ...(pfn !== 0 && zone !== undefined && { zone: zone.name }),
    fault: faultOf(flags).name,
    tlb: translationOf(flags).name,
    latencyNs: outcomes.latencyNs[0]!,
  };
}

function addressText({ platform }: Machine, { space, address }: Place): string {
  return space === 'bus' ? hexOf(Number(address)) : toHex(platform.layout, address);
}

/** How the device comes from there to the memory, and in how many pieces. */
function wayOnBus(machine: Machine, event: MemoryEvent): string {
  const mapping = newDmaMapping(machine, event)!;
  const ranges = busRanges(mapping).length;
  const pieces = ranges === 1 ? '' : `, the first of ${formatCount(ranges)} entries`;
  return `${WAYS[mapping.way]}${pieces}`;
}

const WAYS: Record<DmaMapping['way'], string> = {
  physical: 'its physical address',
  bounce: 'a bounce buffer: the memory lies beyond the reach of the device',
  iommu: 'which the IOMMU translates',
};

function success(
  machine: Machine,
  { addressType, address, pfn, zone, fault, tlb }: LaneOutcome,
  event: MemoryEvent,
  touched: Touched | undefined,
): string {
  const { row } = kindNamed(event.kind)!;
  if (event.kind === 'access') {
    const where = touched === undefined ? 'ok' : `ok at ${touched.text}`;
    return `${where}; ${FAULT[fault].story}; ${tlbStory(tlb, fault)}`;
  }
  switch (addressType) {
    case 'none':
      return row.nothing === undefined ? 'ok' : `ok: ${row.nothing}`;
    case 'kernel-logical':
      return `ok at ${address}, a kernel logical address`;
    case 'kernel-virtual':
      return `ok at ${address}, ${row.window ?? 'in the vmalloc window'}`;
    case 'physical':
      return `ok, page frame ${hexOf(pfn!)} of ${zone}, which has no kernel address without a kmap`;
    case 'user-virtual':
      return `ok at ${address}`;
    case 'bus':
      return `ok at bus address ${address}, ${wayOnBus(machine, event)}`;
  }
}
