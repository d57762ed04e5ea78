import type { Suite } from './suite.ts';
export declare const SUITES: readonly Suite[];
