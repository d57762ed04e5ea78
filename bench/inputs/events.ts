/** Batches of events made for measuring, and machines to fold them on. */

import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import {
  type Batch,
  BatchBuilder,
  bootMachine,
  buildLayout,
  EVENT_KINDS,
  fold,
  type Machine,
  type MemoryEvent,
  READ,
  WRITE,
} from '../../core/index.ts';

/** Each layout with 1 GiB of RAM, unless more is asked for. */
export const LAYOUTS = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export function bootedMachine(name: LayoutName, ramBytes?: bigint): Machine {
  return bootMachine(buildLayout(name, ramBytes === undefined ? {} : { ramBytes }));
}

/** The last of the machines that the batches make, one after the other. */
export function foldAll(start: Machine, batches: Iterable<Batch>): Machine {
  let machine = start;
  for (const batch of batches) machine = fold(machine, batch).machine;
  return machine;
}

export function inBatches(events: Iterable<MemoryEvent>): Batch[] {
  const builder = new BatchBuilder();
  const batches: Batch[] = [];
  for (const event of events) {
    builder.add(event);
    if (builder.full) batches.push(builder.take());
  }
  if (builder.length > 0) batches.push(builder.take());
  return batches;
}

export const BATCH_EVENTS = new BatchBuilder().capacity;

/** Pages are 4 KiB in all layouts of these benchmarks. */
const PAGE_SHIFT = 12;
/** Pages in an object: 1 GiB. */
const WINDOW_SHIFT = 18;
const WINDOW_BYTES = 2 ** (WINDOW_SHIFT + PAGE_SHIFT);
const HEADER = { cpu: 0, thinkNs: 0 } as const;
const WORD_BYTES = 8;

/** A process that has mapped all windows in which these pages lie. */
export function mapWindows(pages: Uint32Array): Batch[] {
  const objects = new Set<number>();
  for (const page of pages) objects.add(objectOf(page));
  const flags = PROT_READ | PROT_WRITE;
  return inBatches([
    { kind: 'spawn', ...HEADER, pid: 1 },
    { kind: 'switch', ...HEADER, pid: 1 },
    ...[...objects].map(
      (object) => ({ kind: 'mmap', ...HEADER, object, length: WINDOW_BYTES, flags, file: 0 }) as const,
    ),
  ]);
}

/** One load from each of these pages. */
export function loads(pages: Uint32Array): Batch[] {
  return touches(pages, READ);
}

/** One store to each of them. */
export function stores(pages: Uint32Array): Batch[] {
  return touches(pages, WRITE);
}

/** Columns that say the same for all events are shared. */
function touches(pages: Uint32Array, mode: number): Batch[] {
  const constants = {
    kind: new Uint8Array(BATCH_EVENTS).fill(EVENT_KINDS.access.code),
    cpu: new Uint8Array(BATCH_EVENTS),
    thinkNs: new Uint32Array(BATCH_EVENTS),
    b: new Uint32Array(BATCH_EVENTS).fill(WORD_BYTES),
    c: new Uint32Array(BATCH_EVENTS).fill(mode),
  };
  const batches: Batch[] = [];
  for (let start = 0; start < pages.length; start += BATCH_EVENTS) {
    const part = pages.subarray(start, start + BATCH_EVENTS);
    const object = part.map(objectOf);
    const a = part.map(offsetOf);
    batches.push({ ...constants, count: part.length, object, a });
  }
  return batches;
}

function objectOf(page: number): number {
  return (page >>> WINDOW_SHIFT) + 1;
}

function offsetOf(page: number): number {
  return (page << PAGE_SHIFT) & (WINDOW_BYTES - 1);
}
