/**
 * All that goes with what somebody has picked, in one machine: the addresses, frames, objects and processes that lead to
 * it or that it leads to. From any one of them the others follow, so that every view can show its part of it.
 */
import { batchOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { eventAddress } from '../../../core/explain/event-address.ts';
import { type Explanation, explainAddress } from '../../../core/explain/explain.ts';
import { explainFrame } from '../../../core/explain/frame.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { PfnRange } from '../../../core/layout/page-frames.ts';
import { pageNumber, toHex } from '../../../core/layout/regions.ts';
import type { Machine, Process } from '../../../core/machine/machine.ts';
import {
  CACHE_OBJECT,
  COHERENT,
  IOREMAP,
  KMALLOC,
  KMALLOC_LARGE,
  KMALLOC_NOTHING,
  NO_CLASS,
  OBJECT,
  PAGES,
  USER,
  VM_AREA,
  VMALLOC,
  VMAP,
} from '../../../core/state/objects.ts';
import { describeEvent } from '../../text/event-text.ts';
import { formatBytes, hexOf } from '../../text/units.ts';
import { framesOfProcess, objectsInFrame, ownersOfFrame } from './frame-owners.ts';
import { framesOfObject, type Place, placeOfVma, placesOfFrame, placesOfObject } from './places.ts';
import type { Selection } from './selection.ts';

/** What goes with a selection. */
interface Links {
  /** What it is, in a line; if it is not there at this moment, that. */
  readonly text: string;
  readonly isThere: boolean;
  /** The virtual address that is meant, to the byte, where there is one. */
  readonly address?: bigint;
  /** Of an address in user space: a process that has it. */
  readonly pid?: number;
  /** Ranges of virtual addresses. */
  readonly places: readonly Place[];
  /** Ascending and apart. */
  readonly frames: readonly PfnRange[];
  readonly objects: readonly number[];
  readonly processes: readonly number[];
}

export interface Linked extends Links {
  readonly selection: Selection;
  /** Of an event: whether all this is so in the machine before it or after it. */
  readonly when: 'before' | 'after';
  /** Places and ranges of frames that were too many to tell. */
  readonly leftOut: { readonly places: number; readonly frames: number };
}

/** Of each list; a process may have its memory in hundreds of thousands of pieces. */
export const MOST_RANGES = 4096;

/** `event`: the one that the machine meets next, if that is what was picked. */
export function linkedOf(machine: Machine, selection: Selection, event?: MemoryEvent): Linked {
  const { when, links } = linksOf(machine, selection, event);
  return {
    selection,
    when,
    ...links,
    places: links.places.slice(0, MOST_RANGES),
    frames: links.frames.slice(0, MOST_RANGES),
    objects: ascending(links.objects),
    processes: ascending(links.processes),
    leftOut: { places: beyond(links.places), frames: beyond(links.frames) },
  };
}

interface Timed {
  readonly when: Linked['when'];
  readonly links: Links;
}

function linksOf(machine: Machine, selection: Selection, event: MemoryEvent | undefined): Timed {
  const before = (links: Links): Timed => ({ when: 'before', links });
  switch (selection.kind) {
    case 'frame':
      return before(ofFrame(machine, selection.pfn));
    case 'object':
      return before(ofObject(machine, selection.object));
    case 'process':
      return before(ofProcess(machine, selection.pid));
    case 'address':
      return before(ofAddress(machine, selection.address, selection.pid));
    case 'event':
      return event === undefined
        ? before(nothing(`event ${selection.event}`))
        : ofEvent(machine, selection.event, event);
  }
}

function nothing(text: string): Links {
  return { text, isThere: false, places: [], frames: [], objects: [], processes: [] };
}

function ofFrame(machine: Machine, pfn: number): Links {
  const { use, owner, zone, memory } = explainFrame(machine, pfn);
  const places = placesOfFrame(machine, pfn);
  const whose = ownersOfFrame(machine, pfn);
  const what = memory === 'device' ? owner : `${use}${owner === '' ? '' : ` (${owner})`}, zone ${zone}`;
  return {
    text: `frame ${hexOf(pfn)}: ${what}${whose.text}`,
    isThere: true,
    ...beginningOf(places),
    places,
    frames: [{ start: pfn, end: pfn + 1 }],
    objects: [...objectsOf(places), ...objectsInFrame(machine, pfn)],
    processes: [...processesAt(machine, places), ...whose.processes],
  };
}

function ofObject(machine: Machine, object: number): Links {
  const { objects } = machine;
  const cls = objects.get(object, OBJECT.class);
  if (cls === NO_CLASS) return nothing(`object ${object} is not there at this moment`);
  const places = placesOfObject(machine, object);
  return {
    text: `object ${object}: ${CLASS_NAMES[cls]}, ${formatBytes(objects.get(object, OBJECT.sizeBytes))}`,
    isThere: true,
    ...beginningOf(places),
    places,
    frames: framesOfObject(machine, object),
    objects: [object],
    processes: processesAt(machine, places),
  };
}

/** Where the first of some places begins. */
function beginningOf([first]: readonly Place[]): Pick<Links, 'address' | 'pid'> {
  if (first === undefined) return {};
  return { address: first.start, ...(first.pid !== undefined && { pid: first.pid }) };
}

const CLASS_NAMES: Readonly<Record<number, string>> = {
  [PAGES]: 'alloc_pages',
  [KMALLOC]: 'kmalloc',
  [KMALLOC_LARGE]: 'kmalloc without a slab',
  [KMALLOC_NOTHING]: 'kmalloc of no bytes',
  [CACHE_OBJECT]: 'of a slab cache',
  [VMALLOC]: 'vmalloc',
  [IOREMAP]: 'ioremap',
  [VMAP]: 'vmap',
  [VM_AREA]: 'get_vm_area',
  [COHERENT]: 'dma_alloc_coherent',
  [USER]: 'mapped by processes',
};

function ofProcess(machine: Machine, pid: number): Links {
  const { records, platform } = machine;
  const process = records.processes[pid];
  if (process === undefined) return nothing(`process ${pid} is not alive at this moment`);
  const vmas = records.mms[process.mm]!.vmas.toArray();
  const frames = framesOfProcess(machine, process);
  const bytes = frames.reduce((sum, { start, end }) => sum + end - start, 0) * 2 ** platform.layout.pageShift;
  return {
    text: `process ${pid}: ${vmas.length} mappings, ${formatBytes(bytes)} of memory with its page tables`,
    isThere: true,
    places: vmas.map((vma) => placeOfVma(machine, pid, vma)),
    frames,
    objects: vmas.map(({ object }) => object),
    processes: [pid],
  };
}

function ofAddress(machine: Machine, address: bigint, pid: number | undefined): Links {
  const { layout } = machine.platform;
  const isAlive = pid !== undefined && machine.records.processes[pid] !== undefined;
  const explained = explainAddress(machine, 'virtual', address, { pid: isAlive ? pid : undefined });
  const { type, region, frame, mapping, owner, unmapped } = explained;
  const text = `${toHex(layout, address)}: ${type === 'none' ? explained.meaning : `${type.replace('-', ' ')}, ${region!.name}`}`;
  if (type === 'user-virtual' && pid !== undefined && !isAlive)
    return nothing(`${text}; process ${pid} is not alive at this moment`);
  const object = mapping?.object ?? owner?.object;
  const behind = frame === undefined ? [] : placesOfFrame(machine, frame.pfn);
  const places = [...around(machine, explained), ...behind];
  return {
    text: unmapped === undefined || type === 'none' ? text : `${text}; not mapped: ${unmapped}`,
    isThere: type !== 'none',
    address,
    ...(type === 'user-virtual' && explained.pid !== undefined && { pid: explained.pid }),
    places,
    frames: frame === undefined ? [] : [{ start: frame.pfn, end: frame.pfn + 1 }],
    objects: [...(object === undefined ? [] : [object]), ...objectsOf(behind)],
    processes: processesAt(machine, places),
  };
}

/** The mapping that an address is in, or the object of the kernel. */
function around(machine: Machine, { address, mapping, owner, pid }: Explanation): Place[] {
  const { records, platform } = machine;
  if (mapping !== undefined) {
    const { mm } = records.processes[pid!]!;
    return [placeOfVma(machine, pid!, records.mms[mm]!.vmas.at(pageNumber(platform.layout, address))!)];
  }
  return owner?.object === undefined ? [] : placesOfObject(machine, owner.object);
}

/** What an event is about, in the machine in which that is there; of an access, the byte. */
function ofEvent(machine: Machine, number: number, event: MemoryEvent): Timed {
  const folded = fold(machine, batchOf([event]));
  const about = eventAddress(machine, folded, event);
  const at = about?.machine ?? folded.machine;
  const links = ofSubject(at, event, about?.space === 'virtual' ? about : undefined);
  const text = `event ${number}: ${describeEvent(event)}`;
  return { when: at === machine ? 'before' : 'after', links: { ...links, text } };
}

function ofSubject(
  machine: Machine,
  event: MemoryEvent,
  about: { readonly address: bigint; readonly pid: number | undefined } | undefined,
): Links {
  if (about !== undefined && 'offset' in event) return ofAddress(machine, about.address, about.pid);
  if ('object' in event) return ofObject(machine, event.object);
  return 'pid' in event ? ofProcess(machine, event.pid) : nothing('');
}

function objectsOf(places: readonly Place[]): number[] {
  return places.flatMap(({ object }) => (object === undefined ? [] : [object]));
}

/** All processes that run in the address spaces of some places. */
function processesAt({ records }: Machine, places: readonly Place[]): number[] {
  const mms = new Set(places.flatMap(({ pid }) => (pid === undefined ? [] : [records.processes[pid]!.mm])));
  const runsIn = ({ mm }: Process): boolean => mms.has(mm);
  return Object.values(records.processes)
    .filter(runsIn)
    .map(({ pid }) => pid);
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function beyond(list: readonly unknown[]): number {
  return Math.max(0, list.length - MOST_RANGES);
}
