import type { Importer } from './importer.ts';
export declare const lackey: Importer;
