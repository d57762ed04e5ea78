import type { Suite } from './suite.ts';
export declare const prng: Suite;
