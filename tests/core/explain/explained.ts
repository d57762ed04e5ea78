/** Machines that have just booted, and explanations of their addresses. */
import {
  bootMachine,
  buildLayout,
  type Explanation,
  explainAddress,
  type Machine,
} from '../../../core/index.ts';

export const GIB = 2n ** 30n;

export function boot(name: string, ramBytes = GIB): Machine {
  return bootMachine(buildLayout(name, { ramBytes }));
}

export function explain(machine: Machine, address: bigint, pid?: number): Explanation {
  return explainAddress(machine, 'virtual', address, { pid });
}

export const levels = ({ walk }: Explanation): string[] =>
  walk.map(({ level, index }) => `${level}[${index}]`);
