/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */
import { enablePatches, type Patch, produce, produceWithPatches } from 'immer';
import { assert } from '../base/errors.ts';
import type { Reclaimer } from '../phys/reclaimer.ts';
import {
  type FileRecord,
  type Machine,
  type Mm,
  type Platform,
  type Process,
  type Records,
  VAR,
} from './machine.ts';
import type { RangeSetEdit } from './ranges.ts';
import type { TableEdit } from './table.ts';

enablePatches();

export class Draft {
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
  readonly devices: TableEdit;
  readonly dmaMappings: TableEdit;
  readonly dmaSegments: TableEdit;
  readonly bounceSlots: TableEdit;
  readonly bounceAreas: TableEdit;
  readonly iovaHoles: RangeSetEdit;
  readonly lru: TableEdit;
  readonly swapMap: TableEdit;
  readonly cpus: TableEdit;
  readonly vars: Float64Array;
  readonly counters: Float64Array;
  readonly records: RecordsDraft;
  private readonly tlbs: (Float64Array | undefined)[];
  private readonly ownTlb: boolean[] = [];
  /** The cpu whose event is being folded: whose per-cpu lists serve it. */
  cpu = 0;
  /** Time that the event being folded takes beyond its own cost; see `spend`. */
  extraNs = 0;
  /** Who makes room when memory runs short; undefined: nobody. A fold sets it. */
  reclaimer: Reclaimer | undefined = undefined;
  /** Times that an allocation of this fold reclaimed pages itself. */
  reclaims = 0;
  /** The child of a fork that is under way, 0 when there is none: nobody may kill it. */
  unborn = 0;

  constructor(base: Machine) {
    this.platform = base.platform;
    this.frames = base.frames.edit();
    this.freeLists = base.freeLists.slice();
    this.pageblocks = base.pageblocks.edit();
    this.pcps = base.pcps.slice();
    this.pcpPages = base.pcpPages.edit();
    this.objects = base.objects.edit();
    this.tables = base.tables.edit();
    this.ptes = base.ptes.edit();
    this.slabs = base.slabs.edit();
    this.slabLinks = base.slabLinks.edit();
    this.slabCaches = base.slabCaches.edit();
    this.slabCpus = base.slabCpus.edit();
    this.cacheNumbers = base.cacheNumbers.edit();
    this.pageCache = base.pageCache.edit();
    this.pageCacheSlots = base.pageCacheSlots.edit();
    this.vmallocHoles = base.vmallocHoles.edit();
    this.vmallocLazy = base.vmallocLazy.edit();
    this.kmapSlots = base.kmapSlots.edit();
    this.kmapLocal = base.kmapLocal.edit();
    this.devices = base.devices.edit();
    this.dmaMappings = base.dmaMappings.edit();
    this.dmaSegments = base.dmaSegments.edit();
    this.bounceSlots = base.bounceSlots.edit();
    this.bounceAreas = base.bounceAreas.edit();
    this.iovaHoles = base.iovaHoles.edit();
    this.lru = base.lru.edit();
    this.swapMap = base.swapMap.edit();
    this.cpus = base.cpus.edit();
    this.vars = base.vars.slice();
    this.counters = base.counters.slice();
    this.tlbs = base.tlbs.slice();
    this.records = new RecordsDraft(base.records);
  }

  /** Says on which cpu the next events happen. */
  onCpu(cpu: number): void {
    this.cpu = cpu;
    if (cpu >= this.vars[VAR.busyCpus]!) this.beginCpu(cpu);
  }

  private beginCpu(cpu: number): void {
    this.vars[VAR.busyCpus] = cpu + 1;
    const pcps = new Int32Array((cpu + 1) * this.platform.pcpCellsPerCpu);
    pcps.set(this.pcps);
    this.pcps = pcps;
  }

  /** Charges time to the event being folded. */
  spend(ns: number): void {
    this.extraNs += ns;
  }

  /** The TLB entries of a cpu, ours to write; undefined when that cpu never translated anything. */
  tlb(cpu: number): Float64Array | undefined {
    const tlb = this.tlbs[cpu];
    if (tlb === undefined || this.ownTlb[cpu] === true) return tlb;
    const copy = tlb.slice();
    this.setTlb(cpu, copy);
    return copy;
  }

  setTlb(cpu: number, entries: Float64Array): void {
    this.tlbs[cpu] = entries;
    this.ownTlb[cpu] = true;
  }

  /** Number of cpus that may hold TLB entries. */
  get tlbCount(): number {
    return this.tlbs.length;
  }

  seal(withPatches: boolean): { machine: Machine; patches: Patch[] } {
    const { records, patches } = this.records.seal(withPatches);
    const machine: Machine = {
      platform: this.platform,
      records,
      frames: this.frames.seal(),
      freeLists: this.freeLists,
      pageblocks: this.pageblocks.seal(),
      pcps: this.pcps,
      pcpPages: this.pcpPages.seal(),
      objects: this.objects.seal(),
      tables: this.tables.seal(),
      ptes: this.ptes.seal(),
      slabs: this.slabs.seal(),
      slabLinks: this.slabLinks.seal(),
      slabCaches: this.slabCaches.seal(),
      slabCpus: this.slabCpus.seal(),
      cacheNumbers: this.cacheNumbers.seal(),
      pageCache: this.pageCache.seal(),
      pageCacheSlots: this.pageCacheSlots.seal(),
      vmallocHoles: this.vmallocHoles.seal(),
      vmallocLazy: this.vmallocLazy.seal(),
      kmapSlots: this.kmapSlots.seal(),
      kmapLocal: this.kmapLocal.seal(),
      devices: this.devices.seal(),
      dmaMappings: this.dmaMappings.seal(),
      dmaSegments: this.dmaSegments.seal(),
      bounceSlots: this.bounceSlots.seal(),
      bounceAreas: this.bounceAreas.seal(),
      iovaHoles: this.iovaHoles.seal(),
      lru: this.lru.seal(),
      swapMap: this.swapMap.seal(),
      cpus: this.cpus.seal(),
      tlbs: this.tlbs,
      vars: this.vars,
      counters: this.counters,
    };
    return { machine, patches };
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** An address space open for change; its VMAs are replaced or spliced, never changed in place. */
export type MmDraft = { -readonly [K in keyof Mm]: K extends 'vmas' ? Mm['vmas'][number][] : Mm[K] };

/**
 * The records open for change. Working copies are plain objects, made when first asked for; at the end one
 * `produce` writes those that changed into the immutable records (a proxy for each access would cost more than
 * the whole event), and immer shares, freezes and tells the patches.
 */
class RecordsDraft {
  private readonly base: Records;
  private readonly processes = new Map<number, Process | undefined>();
  private readonly mms = new Map<number, MmDraft | undefined>();
  private readonly files = new Map<number, Mutable<FileRecord> | undefined>();

  constructor(base: Records) {
    this.base = base;
  }

  process(pid: number): Process | undefined {
    return this.processes.has(pid) ? this.processes.get(pid) : this.base.processes[pid];
  }

  /** Every process, and every address space, ascending. */
  pids(): number[] {
    return liveIds(this.base.processes, this.processes);
  }

  mmIds(): number[] {
    return liveIds(this.base.mms, this.mms);
  }

  setProcess(pid: number, process: Process | undefined): void {
    this.processes.set(pid, process);
  }

  /** The address space as it is now, for reading. */
  mm(id: number): Mm {
    const mm = this.mms.has(id) ? this.mms.get(id) : this.base.mms[id];
    assert(mm !== undefined, `no address space ${id}`);
    return mm;
  }

  /** The address space, ours to write. */
  editMm(id: number): MmDraft {
    const working = this.mms.get(id);
    if (working !== undefined) return working;
    const mm = this.mm(id);
    const copy = { ...mm, vmas: mm.vmas.slice() };
    this.mms.set(id, copy);
    return copy;
  }

  setMm(id: number, mm: Mm | undefined): void {
    this.mms.set(id, mm && { ...mm, vmas: mm.vmas.slice() });
  }

  file(id: number): FileRecord | undefined {
    return this.files.has(id) ? this.files.get(id) : this.base.files[id];
  }

  setFile(id: number, file: FileRecord | undefined): void {
    this.files.set(id, file && { ...file });
  }

  seal(withPatches: boolean): { records: Records; patches: Patch[] } {
    if (this.processes.size + this.mms.size + this.files.size === 0)
      return { records: this.base, patches: [] };
    const recipe = (draft: { [K in keyof Records]: Record<number, Records[K][number]> }): void => {
      writeBack(draft.processes, this.processes);
      writeBack(draft.mms, this.mms);
      writeBack(draft.files, this.files);
    };
    if (!withPatches) return { records: produce(this.base, recipe), patches: [] };
    const [records, patches] = produceWithPatches(this.base, recipe);
    return { records, patches };
  }
}

function liveIds(base: Readonly<Record<number, unknown>>, working: ReadonlyMap<number, unknown>): number[] {
  const untouched = Object.keys(base).map(Number);
  const live = untouched.filter((id) => !working.has(id));
  for (const [id, value] of working) if (value !== undefined) live.push(id);
  return live.sort((a, b) => a - b);
}

function writeBack<T>(target: Record<number, T>, changed: ReadonlyMap<number, T | undefined>): void {
  for (const [id, value] of changed) {
    if (value === undefined) delete target[id];
    else target[id] = value;
  }
}
