/** An explanation of an address, as text to teach from and as JSON. Addresses become hex in the width of the layout. */
import { type Explanation, type Layout } from '../../../core/index.ts';
import type { Terminal } from '../terminal.ts';
export declare function explanationText(explained: Explanation, layout: Layout, colors: Terminal['colors']): string;
/** Sizes and counts stay numbers. */
export declare function explanationJson(explained: Explanation, layout: Layout): unknown;
