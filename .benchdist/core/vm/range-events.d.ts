import type { Handler } from '../fold-event.ts';
export declare const mprotect: Handler;
export declare const madvise: Handler;
export declare const mlock: Handler;
export declare const munlock: Handler;
