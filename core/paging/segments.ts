/**
 * The segmentation unit, before the paging unit: an offset in a segment becomes a linear address, if it lies within the
 * limit and the code that runs has the privilege (Intel SDM vol. 3A, 3.4 and 5.3-5.5).
 *
 * Kernels make it flat: base 0, no limit, and then nothing is checked. A layout may have four descriptors instead, as
 * Linux 2.0 had (arch/i386/kernel/head.S: user segments of 3 GiB at 0, kernel segments of 1 GiB at PAGE_OFFSET). The
 * kernel reaches user memory through the user's data segment, as its get_user() did. Simplified: no local descriptors,
 * no call gates; code that runs at privilege 3 and names a segment of 0 fails there and then.
 */
import type { Layout, Segment, SegmentName } from '../layout/layout.ts';
import { OK, PRIVILEGE, PROTECTION } from '../outcome/outcome.ts';

/** A descriptor in a form for loops: bytes as numbers. */
export interface SegmentBounds {
  readonly name: SegmentName;
  readonly base: number;
  /** Largest offset. */
  readonly limit: number;
  readonly privilege: 0 | 3;
}

export function segmentBounds({ segments }: Layout): readonly SegmentBounds[] | undefined {
  return segments?.map((segment) => ({
    ...segment,
    base: Number(segment.base),
    limit: Number(segment.limit),
  }));
}

/** The descriptor through which an access goes. */
export function segmentFor<T extends { readonly name: SegmentName }>(
  segments: readonly T[],
  isUserAddress: boolean,
  isExecute: boolean,
): T {
  const name: SegmentName = `${isUserAddress ? 'user' : 'kernel'} ${isExecute ? 'code' : 'data'}`;
  return segments.find((segment) => segment.name === name)!;
}

/** OK, or why bytes [linear, linear + size) cannot be reached through a descriptor. */
export function checkSegment(
  { base, limit, privilege }: SegmentBounds,
  linear: number,
  size: number,
  isUserMode: boolean,
): number {
  if (isUserMode && privilege < 3) return PRIVILEGE;
  const offset = linear - base;
  return offset >= 0 && offset + size - 1 <= limit ? OK : PROTECTION;
}

/** How one descriptor sees a linear address. */
export interface SegmentStep {
  readonly descriptor: SegmentName;
  readonly base: bigint;
  readonly limit: bigint;
  readonly privilege: 0 | 3;
  /** The logical address that becomes this linear one; undefined when none does. */
  readonly offset: bigint | undefined;
}

/** Logical to linear, through each descriptor; empty when segments are flat. */
export function segmentSteps({ segments = [] }: Layout, linear: bigint): SegmentStep[] {
  return segments.map(({ name, base, limit, privilege }: Segment) => {
    const offset = linear - base;
    const isWithin = offset >= 0n && offset <= limit;
    return { descriptor: name, base, limit, privilege, offset: isWithin ? offset : undefined };
  });
}
