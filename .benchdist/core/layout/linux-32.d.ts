import type { LayoutFamilyMember } from './family.ts';
export declare const LINUX_32: readonly LayoutFamilyMember[];
/** PKMAP_BASE. */
export declare function pkmapBase(ldtStart: bigint, pmdSize: bigint): bigint;
