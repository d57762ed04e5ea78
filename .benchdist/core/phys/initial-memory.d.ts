import type { Draft } from '../state/draft.ts';
export interface InitialZoneMemory {
    /** Name of the zone; one that the layout does not have is left out. */
    readonly zone: string;
    /** By migrate type (as MIGRATE_*, missing ones are none) and order: number of free blocks. */
    readonly freeBlocks: readonly (readonly number[])[];
}
/** Leaves exactly these blocks free. @throws UsageError when a zone has no room for them */
export declare function startFromMemory(draft: Draft, memory: readonly InitialZoneMemory[]): void;
/** The lists of a type that has none here: the kernel's reserve is not to be moved, what waits to be moved can be. */
export declare function migrateTypeNamed(name: string): number;
