/** ln(x) for 0.5 <= x < 2^32. */
export declare function ln(x: number): number;
/** e^x for |x| < 700. */
export declare function exp(x: number): number;
