/** A layout as the JSON that layout-file.ts reads: the same layout again, for the same options. */
import type { Layout } from './layout.ts';
export declare function exportLayout(layout: Layout): object;
