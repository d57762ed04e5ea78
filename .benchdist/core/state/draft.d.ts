/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */
import { type Patch } from 'immer';
import { type FileRecord, type Machine, type Mm, type Platform, type Process, type Records } from './machine.ts';
import type { RangeSetEdit } from './ranges.ts';
import type { TableEdit } from './table.ts';
export declare class Draft {
    readonly platform: Platform;
    readonly frames: TableEdit;
    readonly freeLists: Int32Array;
    readonly pageblocks: TableEdit;
    pcps: Int32Array;
    readonly pcpPages: TableEdit;
    readonly objects: TableEdit;
    readonly tables: TableEdit;
    readonly ptes: TableEdit;
    readonly slabs: TableEdit;
    readonly slabLinks: TableEdit;
    readonly slabCaches: TableEdit;
    readonly slabCpus: TableEdit;
    readonly cacheNumbers: TableEdit;
    readonly pageCache: TableEdit;
    readonly pageCacheSlots: RangeSetEdit;
    readonly vmallocHoles: RangeSetEdit;
    readonly vmallocLazy: RangeSetEdit;
    readonly kmapSlots: TableEdit;
    readonly kmapLocal: TableEdit;
    readonly cpus: TableEdit;
    readonly vars: Float64Array;
    readonly counters: Float64Array;
    readonly records: RecordsDraft;
    private readonly tlbs;
    private readonly ownTlb;
    /** The cpu whose event is being folded: whose per-cpu lists serve it. */
    cpu: number;
    /** Time that the event being folded takes beyond its own cost; see `spend`. */
    extraNs: number;
    constructor(base: Machine);
    /** Says on which cpu the next events happen. */
    onCpu(cpu: number): void;
    private beginCpu;
    /** Charges time to the event being folded. */
    spend(ns: number): void;
    /** The TLB entries of a cpu, ours to write; undefined when that cpu never translated anything. */
    tlb(cpu: number): Float64Array | undefined;
    setTlb(cpu: number, entries: Float64Array): void;
    /** Number of cpus that may hold TLB entries. */
    get tlbCount(): number;
    seal(withPatches: boolean): {
        machine: Machine;
        patches: Patch[];
    };
}
/** An address space open for change; its VMAs are replaced or spliced, never changed in place. */
export type MmDraft = {
    -readonly [K in keyof Mm]: K extends 'vmas' ? Mm['vmas'][number][] : Mm[K];
};
/**
 * The records open for change. Working copies are plain objects, made when first asked for; at the end one
 * `produce` writes those that changed into the immutable records (a proxy for each access would cost more than
 * the whole event), and immer shares, freezes and tells the patches.
 */
export declare class RecordsDraft {
    private readonly base;
    private readonly processes;
    private readonly mms;
    private readonly files;
    constructor(base: Records);
    process(pid: number): Process | undefined;
    setProcess(pid: number, process: Process | undefined): void;
    /** The address space as it is now, for reading. */
    mm(id: number): Mm;
    /** The address space, ours to write. */
    editMm(id: number): MmDraft;
    setMm(id: number, mm: Mm | undefined): void;
    file(id: number): FileRecord | undefined;
    setFile(id: number, file: FileRecord | undefined): void;
    seal(withPatches: boolean): {
        records: Records;
        patches: Patch[];
    };
}
