import type { Handler } from '../fold-event.ts';
export declare const ioremap: Handler;
export declare const iounmap: Handler;
