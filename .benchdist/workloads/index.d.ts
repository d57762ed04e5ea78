/** Synthetic workloads: named generators of events. A new one is a file and a row of WORKLOADS. */
import { type Example } from './examples/index.ts';
import type { Workload } from './workload.ts';
export { EXAMPLES, type Example, type Scene } from './examples/index.ts';
export type { OptionRow } from './options.ts';
export type { Workload } from './workload.ts';
export declare const WORKLOADS: readonly Workload[];
/** The workload or worked example of this name; UsageError when there is none. */
export declare function workload(name: string): Workload;
/** The worked example of this name; UsageError when there is none. */
export declare function example(name: string): Example;
