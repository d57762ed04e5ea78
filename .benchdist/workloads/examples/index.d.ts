/** The worked examples of the texts on Linux addresses, each a file's constant and a row here. */
import type { Example } from './example.ts';
export type { Example, Scene } from './example.ts';
export declare const EXAMPLES: readonly Example[];
