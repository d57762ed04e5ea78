/** Sizes in bytes. */
export declare const KIB = 1024;
export declare const MIB: number;
export declare const GIB: number;
