/** Files: making them known, reading them into the page cache, dropping them from it. */
import type { Handler } from '../fold-event.ts';
export declare const file: Handler;
export declare const fileRead: Handler;
/** The pages that nobody maps go; a file without mappings then has none left. */
export declare const fileDrop: Handler;
