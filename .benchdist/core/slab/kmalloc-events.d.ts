import type { Handler } from '../fold-event.ts';
export declare const kmalloc: Handler;
export declare const kfree: Handler;
