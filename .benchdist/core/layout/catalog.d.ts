import type { Layout, LayoutOptions } from './layout.ts';
import type { CustomLayout } from './layout-file.ts';
/** Every layout there is, textbook family first. */
export declare function layoutNames(): {
    name: string;
    family: Layout['family'];
    title: string;
}[];
/** The layout of this name for this much RAM. Throws UsageError when there is no such name or machine. */
export declare function buildLayout(name: string, options?: LayoutOptions): Layout;
/** The same for a layout from a file; the RAM that the file gives wins. */
export declare function buildCustomLayout({ member, memory }: CustomLayout, options?: LayoutOptions): Layout;
