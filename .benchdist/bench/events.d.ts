/** Batches of events made for measuring, and machines to fold them on. */
import { type Batch, type Machine, type MemoryEvent } from '../core/index.ts';
/** Each layout with 1 GiB of RAM. */
export declare const LAYOUTS: readonly ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'];
export type LayoutName = (typeof LAYOUTS)[number];
export declare function bootedMachine(name: LayoutName): Machine;
/** The last of the machines that the batches make, one after the other. */
export declare function foldAll(start: Machine, batches: Iterable<Batch>): Machine;
export declare function inBatches(events: Iterable<MemoryEvent>): Batch[];
export declare const BATCH_EVENTS: number;
/** A process that has mapped all windows in which these pages lie. */
export declare function mapWindows(pages: Uint32Array): Batch[];
/** One load from each of these pages. Columns that say the same for all events are shared. */
export declare function loads(pages: Uint32Array): Batch[];
