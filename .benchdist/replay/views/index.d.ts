import type { View } from './view.ts';
export type { View } from './view.ts';
export declare const VIEWS: readonly View[];
/** The view of this name; an unknown name is a UsageError that lists them. */
export declare function viewNamed(name: string): View;
