import type { Handler } from '../fold-event.ts';
export declare const mremap: Handler;
export declare const mremapFixed: Handler;
