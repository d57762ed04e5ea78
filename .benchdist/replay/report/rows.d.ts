/** The rows of the comparison table, in groups: what each says of one layout. */
import type { LayoutResult } from '../result.ts';
export interface Row {
    readonly label: string;
    readonly cell: (layout: LayoutResult) => string;
}
export interface Group {
    readonly title: string;
    readonly rows: readonly Row[];
}
/** Groups without anything to say about any of the layouts are left out, and so are such rows. */
export declare function tableOf(layouts: readonly LayoutResult[]): Group[];
