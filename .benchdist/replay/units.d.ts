/** Numbers as people read them. */
/** `8 B`, `2.0 MiB`, `118.2 MiB`. */
export declare function formatBytes(bytes: number): string;
/** `1,234,567`. */
export declare function formatCount(count: number): string;
/** `812 ns`, `1.234 ms`, `12.345 s`. */
export declare function formatNs(ns: number): string;
/** `98.37 %`; nothing of nothing is a dash. */
export declare function formatShare(part: number, whole: number): string;
export declare function hexOf(value: number): string;
