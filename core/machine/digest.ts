/** The digest of a machine: two machines in the same state have the same one, however they came there. */
import { Digest } from '../base/digest.ts';
import type { Machine } from './machine.ts';
import { PARTS } from './slices.ts';

/**
 * The state of a machine: everything that a later event could make a difference of. Rows and cells that are zero do not
 * count (what was written back to zeros equals what was never written), nor does what only tells of the past or follows
 * from the rest (`outOfDigest`).
 */
export function stateDigest(machine: Machine): string {
  const digest = new Digest();
  for (const [name, part] of PARTS) part.addTo(digest, machine[name]);
  return digest.toString();
}
