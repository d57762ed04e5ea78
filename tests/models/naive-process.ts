/** What the naive kernel knows of processes: mappings in a plain list, and every page with a name for what it contains. */
import { VM_ANON } from '../../core/mm/vma.ts';
import type { FaultName, StatusName } from '../../core/outcome/outcome.ts';
import type { NaiveCpu as Cpu } from './naive-cpus.ts';
import type { NaiveFile } from './naive-files.ts';

export type NaiveCpu = Cpu<NaiveProcess>;
export type Fault = FaultName;

export interface NaivePage {
  readonly content: string;
  writable: boolean;
  dirty: boolean;
  /** The process's own: no other has seen it since it was written. */
  own: boolean;
  /** Of a page of a file: which. */
  readonly ofFile?: { readonly file: NaiveFile; readonly page: number };
}

export interface NaiveMapping {
  readonly start: number;
  readonly end: number;
  readonly object: number;
  /** Page of the object at `start`. */
  readonly objectPage: number;
  readonly prot: number;
  readonly flags: number;
  readonly shared: boolean;
  readonly file: NaiveFile | undefined;
  /** It has been like the one before it since a fork, which merges nothing, and neither was changed since. */
  readonly isApart?: boolean;
}

export interface NaiveProcess {
  mappings: NaiveMapping[];
  pages: Map<number, NaivePage>;
  /** First pages of groups that one entry maps. */
  huge: Set<number>;
  /** Object that the heap is, -1 when there is none; pages up to its end, mapped or not. */
  heap: number;
  heapPages: number;
  textEnd: number;
}

/** Refuses an event. */
export class Refused extends Error {
  readonly status: StatusName;

  constructor(status: StatusName) {
    super(status);
    this.status = status;
  }
}

export function refuseIf(condition: boolean, status: StatusName): void {
  if (condition) throw new Refused(status);
}

export function running(cpu: NaiveCpu): NaiveProcess {
  if (cpu.running === undefined) throw new Refused('no-process');
  return cpu.running;
}

export function mappingAt(process: NaiveProcess, vpn: number): NaiveMapping | undefined {
  return process.mappings.find(({ start, end }) => start <= vpn && vpn < end);
}

/** Neighbours that differ in nothing are one mapping, but for those that a fork has left apart. */
export function mergeAlike(mappings: readonly NaiveMapping[]): NaiveMapping[] {
  const merged: NaiveMapping[] = [];
  for (const one of inOrder(mappings)) {
    const before = merged[merged.length - 1];
    if (before !== undefined && continues(before, one) && one.isApart !== true)
      merged[merged.length - 1] = { ...before, end: one.end, flags: before.flags | one.flags };
    else merged.push(one);
  }
  return merged;
}

/** What a fork makes alike stays apart. */
export function keptApart(mappings: readonly NaiveMapping[]): NaiveMapping[] {
  const ordered = inOrder(mappings);
  return ordered.map((one, i) => ({ ...one, isApart: i > 0 && continues(ordered[i - 1]!, one) }));
}

function inOrder(mappings: readonly NaiveMapping[]): NaiveMapping[] {
  return mappings.slice().sort((a, b) => a.start - b.start);
}

function continues(before: NaiveMapping, one: NaiveMapping): boolean {
  return (
    before.end === one.start &&
    before.object === one.object &&
    before.prot === one.prot &&
    (before.flags | VM_ANON) === (one.flags | VM_ANON) &&
    before.start - before.objectPage === one.start - one.objectPage
  );
}
