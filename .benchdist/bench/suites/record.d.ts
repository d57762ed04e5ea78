import type { Suite } from './suite.ts';
export declare const record: Suite;
