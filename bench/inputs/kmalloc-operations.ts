/** A stream of small allocations and frees: one of the live objects is freed, and allocated again in another size. */
import { xorshift32 } from './streams.ts';

export interface KmallocShape {
  readonly live: number;
  /** Sizes are above a half of, and up to, this many bytes doubled 0 to steps - 1 times, each equally often. */
  readonly smallestBytes: number;
  readonly steps: number;
}

export interface KmallocOperations {
  /** What is allocated first, object 0 and on. */
  readonly firstSizes: Uint32Array;
  /** Which object is freed, and of how many bytes it is then. */
  readonly objects: Uint32Array;
  readonly sizes: Uint32Array;
}

/** `count`: allocations and frees, after the first ones. */
export function kmallocOperations(
  { live, smallestBytes, steps }: KmallocShape,
  count: number,
): KmallocOperations {
  const random = xorshift32(0x51ab51ab);
  const size = (): number => {
    const most = smallestBytes << (random() % steps);
    return most - (random() % (most / 2));
  };
  const firstSizes = Uint32Array.from({ length: live }, size);
  const objects = new Uint32Array(count / 2);
  const sizes = new Uint32Array(count / 2);
  for (let i = 0; i < objects.length; i++) {
    objects[i] = random() % live;
    sizes[i] = size();
  }
  return { firstSizes, objects, sizes };
}
