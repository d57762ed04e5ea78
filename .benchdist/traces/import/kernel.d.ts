import type { Importer } from './importer.ts';
export declare const kernelImporters: readonly Importer[];
