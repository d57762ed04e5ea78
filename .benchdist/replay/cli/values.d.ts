import type { AddressSpaceName } from '../../core/index.ts';
/** `512M`, `1G`, `1.5GiB`, `64MB`, `1073741824`: K, M, G and T are powers of 1024, as in the kernel's mem=. */
export declare function parseSize(text: string): bigint;
/** `812ns`, `1.5us`, `20ms`, `2.396s`: nanoseconds. */
export declare function parseTime(text: string): number;
/** A size of 0 is one too: `highmem=0` is a boot option that means something. */
export declare function parseSizeOrZero(text: string): bigint;
/** A parser of whole numbers in [min, max]. */
export declare function wholeNumber(min: number, max: number): (text: string) => number;
/** Numbers that a double counts exactly. */
export declare const ANY_COUNT: number;
/** A parser for options that may be given several times. */
export declare function collect(text: string, before: readonly string[] | undefined): string[];
/** `a,b,c`. */
export declare function parseNames(text: string): string[];
export interface AddressArgument {
    readonly space: AddressSpaceName;
    readonly address: bigint;
}
/** `0xc1234567`, `3240314215`, `ffff888000000000`, `phys:0x1000`, `bus:0x1000`. */
export declare function parseAddress(text: string): AddressArgument;
