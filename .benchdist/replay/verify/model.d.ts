import { type Zone } from '../../core/phys/zones.ts';
import { Draft } from '../../core/state/draft.ts';
import type { ZoneinfoZone } from '../../traces/index.ts';
/** 4 TiB: frames from here on are not real ones; see known-blocks.ts. */
export declare const LAST_PFN: number;
/** A machine with these zones and nothing on any list. */
export declare function machineBeside(zones: readonly Zone[], pageblockOrder: number, mostOnCpu: number): Draft;
/** Cpus whose lists have room in the table of list entries, whose rows are 32-bit numbers. */
export declare function mostCpus({ platform }: Draft): number;
/** The populated zones of a machine; those of x86-64 when its zoneinfo is not known. */
export declare function zonesOf(zoneinfo: readonly ZoneinfoZone[] | undefined): Zone[];
