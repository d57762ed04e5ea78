import type { LayoutFamilyMember } from './family.ts';
import type { LayoutOptions } from './layout.ts';
export interface CustomLayout {
    readonly member: LayoutFamilyMember;
    /** The RAM of the file, if it says. */
    readonly memory: Pick<LayoutOptions, 'ramBytes' | 'memoryMap'>;
}
export declare const FAMILIES: import("./file-fields.ts").FieldKind<"linux-6.1" | "textbook">;
/** Kinds of regions that have no fields of their own. */
export declare const OTHER_KINDS: readonly ['cpu_entry_area', 'ldt', 'modules', 'vmemmap', 'kernel_image'];
/** The layout that a file describes. `file` is its name, for messages. Throws a UsageError that tells all faults. */
export declare function parseLayoutFile(text: string, file: string): CustomLayout;
