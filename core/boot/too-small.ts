/** The one thing that goes wrong at boot. */
import { UsageError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import type { Layout } from '../layout/layout.ts';

/** `value`, or the refusal to boot where it is a negated reason. */
export function required(value: number, layout: Layout): number {
  if (value < 0) throw tooSmall(layout);
  return value;
}

export function tooSmall({ name, ramBytes }: Layout): UsageError {
  const size = ramBytes >> 20n === 0n ? formatSize(ramBytes) : `${ramBytes >> 20n} MiB`;
  return new UsageError(`${name}: the kernel does not fit into ${size} of RAM; give the machine more`);
}
