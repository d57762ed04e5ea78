/**
 * The walk of an address as it is drawn: the bits of the address, which of them index which table, the entry that is read
 * there and where it leads; and for each cpu which TLB has the page, and in which row a walk would begin. All of it is
 * what explain says.
 */
import { type Explanation, explainAddress } from '../../../core/explain/explain.ts';
import type { AddressField } from '../../../core/explain/split.ts';
import type { WalkStep } from '../../../core/explain/walk.ts';
import type { Machine } from '../../../core/machine/machine.ts';

export interface WalkField extends AddressField {
  /** Bits [low, high) of the address. */
  readonly low: number;
  readonly high: number;
  /** The bits themselves, highest first. */
  readonly binary: string;
  /** The row that it is the index of; undefined of all others, and of levels below a large page: they are its offset. */
  readonly row: number | undefined;
}

export interface WalkRow extends WalkStep {
  /** The table that the entry is in. */
  readonly table: { readonly pfn: number; readonly address: bigint };
  /** Index in `fields`. */
  readonly field: number;
  readonly leadsTo: 'table' | 'page' | 'nothing';
}

/** What one cpu knows of the page; with page-table isolation in each mode. */
export interface CpuRow {
  readonly cpu: number;
  readonly mode: 'any' | 'kernel' | 'user';
  /** Every TLB and walk cache there is: whether it has the page, or the table that shortens the walk most. */
  readonly parts: readonly {
    readonly name: string;
    readonly holds: 'pages' | 'tables';
    readonly hit: boolean;
  }[];
  /** The first row that a walk would read. */
  readonly beginsAt: number;
}

export interface WalkModel {
  readonly explained: Explanation;
  readonly fields: readonly WalkField[];
  /** From the root down; none where arithmetic serves, or where the number is no address. */
  readonly rows: readonly WalkRow[];
  /** Of a mapped page: the cpus that have translated anything. */
  readonly cpus: readonly CpuRow[];
}

/** @param pid whose user space; as explain takes it. Not alive: UsageError */
export function walkModelOf(machine: Machine, address: bigint, pid?: number): WalkModel {
  const explained = explainAddress(machine, 'virtual', address, { pid, caches: true });
  const { walk, split, caches = [] } = explained;
  const { pageShift } = machine.platform.layout;
  const rows = walk.map((step): WalkRow => {
    const pfn = Number(step.entryAddress >> BigInt(pageShift));
    return {
      ...step,
      table: { pfn, address: BigInt(pfn) << BigInt(pageShift) },
      field: split.findIndex(({ name }) => name === step.level),
      leadsTo: step.page !== undefined ? 'page' : step.tablePfn !== undefined ? 'table' : 'nothing',
    };
  });
  return {
    explained,
    fields: fieldsOf(split, address, rows),
    rows,
    cpus: caches.map(({ cpu, mode, tlbs, walkCache, entriesRead }) => ({
      ...{ cpu, mode },
      parts: partsOf(machine, tlbs, walkCache),
      beginsAt: rows.length - entriesRead,
    })),
  };
}

function fieldsOf(split: readonly AddressField[], address: bigint, rows: readonly WalkRow[]): WalkField[] {
  let low = split.reduce((sum, { bits }) => sum + bits, 0);
  return split.map((field, i) => {
    const high = low;
    low -= field.bits;
    const value = (address >> BigInt(low)) & ((1n << BigInt(field.bits)) - 1n);
    const row = rows.findIndex((row) => row.field === i);
    return {
      ...field,
      ...{ low, high, binary: value.toString(2).padStart(field.bits, '0') },
      row: row < 0 ? undefined : row,
    };
  });
}

/** Arrays of one TLB for several sizes of pages share its name. */
function partsOf(
  { platform }: Machine,
  tlbs: readonly string[],
  walkCache: string | undefined,
): CpuRow['parts'] {
  const named = new Map(platform.mmu.tlb.parts.map(({ name, holds }) => [name, holds]));
  return [...named].map(([name, holds]) => ({
    ...{ name, holds },
    hit: holds === 'pages' ? tlbs.includes(name) : walkCache === name,
  }));
}
