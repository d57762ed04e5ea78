import type { Comparison } from './compare.ts';
import type { Header } from './header.ts';
import type { Suite } from './suites/suite.ts';
export declare function listText(suites: readonly Suite[]): string;
export declare function reportText(header: Header, suites: readonly Suite[], results: readonly Comparison[]): string;
