/** Files of captured machines (`<id>.json`, gzipped or not), and what both oracles read out of one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AddressRange } from '../../core/layout/layout.ts';

const read = new Map<string, unknown[]>();

/** The machines of a folder, by name; many tests of a process look at them, and none changes them. */
export function machinesIn<T>(folder: string): T[] {
  const machines =
    read.get(folder) ??
    readdirSync(folder)
      .filter((file) => /\.json(\.gz)?$/.test(file))
      .sort()
      .map((file) => readMachine<T>(join(folder, file)));
  read.set(folder, machines);
  return [...machines] as T[];
}

export function readMachine<T>(path: string): T {
  const bytes = readFileSync(path);
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

const UNIT_SHIFT: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n };

/** `vmalloc=256M` as bytes (memparse); undefined where the command line has no such option. */
export function bootSize(commandLine: string, option: string): bigint | undefined {
  const [, digits, unit] = new RegExp(`(?:^| )${option}=(\\d+)([KMG]?)`, 'i').exec(commandLine) ?? [];
  return digits === undefined ? undefined : BigInt(digits) << UNIT_SHIFT[unit!.toUpperCase()]!;
}

/** Where a section of the kernel lies in physical memory: `40008000-403fffff : Kernel code`. */
export function kernelSection(iomem: readonly string[], name: string): AddressRange {
  const [first, last] = iomem.find((line) => line.endsWith(`Kernel ${name}`))!.split(/[-:]/);
  return { start: BigInt(`0x${first!.trim()}`), end: BigInt(`0x${last!.trim()}`) + 1n };
}
