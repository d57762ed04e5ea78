/** The candidate that a mistyped word most likely meant, if any is near enough. */
export declare function nearest(word: string, candidates: readonly string[]): string | undefined;
