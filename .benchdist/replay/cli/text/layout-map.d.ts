/** A layout as text: the address space from top to bottom, then physical memory. */
import { type Layout } from '../../../core/index.ts';
import type { Terminal } from '../terminal.ts';
import { type Column } from './table.ts';
type Paint = Pick<Terminal, 'colors'>;
export declare const LAYOUT_COLUMNS: readonly Column[];
export declare function layoutRow(layout: Layout): string[];
/** The end of a range is the first address behind it, as in the kernel's own listing at boot. */
export declare function layoutMap(layout: Layout, paint: Paint): string;
export {};
