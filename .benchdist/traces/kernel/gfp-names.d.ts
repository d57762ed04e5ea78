/** The mask, or the name in it that no kernel uses. */
export declare function parseGfpFlags(text: string): number | string;
