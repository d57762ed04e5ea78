/** Who has the areas of the vmalloc window, for a trace that says where areas lie, and not who asked for them. */
import type { VmallocinfoArea } from './vmallocinfo.ts';

export interface AreaCaller {
  /** With the guard page. */
  readonly sizeBytes: number;
  readonly caller: string;
}

/** By address, of which the low 53 bits. */
export type AreaCallers = ReadonlyMap<number, AreaCaller>;

/** None where the kernel hid addresses, and for areas that nobody has. */
export function areaCallers(areas: readonly VmallocinfoArea[]): AreaCallers {
  const callers = new Map<number, AreaCaller>();
  for (const { start, sizeBytes, caller } of areas)
    if (start !== undefined && caller !== undefined)
      callers.set(Number(BigInt.asUintN(53, start)), { sizeBytes, caller });
  return callers;
}
