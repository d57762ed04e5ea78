/**
 * A machine as bytes: for keyframes that are kept, and for whoever goes on with it elsewhere (a worker, a page).
 *
 *     'VMSM', version, checksum of what follows    u32 each
 *     platform                                     text: JSON, numbers of arbitrary size as {"$bigint": "..."}
 *     number of parts, then of each
 *       its name                                   text
 *       what the part wrote (parts.ts, records.ts)
 *     state digest                                 text
 *
 * All numbers are little-endian; a text is its length in bytes (u32) and UTF-8; cells are the code of their type (0:
 * int32, 1: float64), their number, and they themselves. The platform is what the machine was booted with, and is
 * worked out again from that. The checksum tells damage, and the state digest has to be the one that was written; but
 * the layout is not checked as a layout file is: read bytes of your own, and traces of others.
 */
import { checksumOf } from '../base/digest.ts';
import { UsageError } from '../base/errors.ts';
import { type LayoutRecord, layoutOfRecord, layoutRecord } from '../layout/file/layout-record.ts';
import type { Layout } from '../layout/layout.ts';
import { ByteReader, ByteWriter } from '../state/bytes.ts';
import { stateDigest } from './digest.ts';
import type { Machine, Platform } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { PARTS } from './slices.ts';

const MAGIC = 0x4d534d56; // 'VMSM'
/** Of parts and of the leaves of their tables: bytes of others are refused. */
const VERSION = 5;

/** What a platform is worked out from. */
export interface BootRecord {
  readonly layout: Layout;
  readonly options: MachineOptions;
  readonly kernelRoot: number;
  readonly zeroPfn: number;
}

type WrittenPlatform = Omit<BootRecord, 'layout'> & { readonly layout: LayoutRecord };

/**
 * The machine as bytes, of which `machineFromBytes` makes one with the same digest and the same future. Throws UsageError
 * for a machine with TLBs of a make that only a function knows.
 */
export function machineBytes(machine: Machine): Uint8Array {
  const to = new ByteWriter();
  const { layout, options, kernelRoot, zeroPfn } = machine.platform;
  if (options.tlb !== undefined)
    throw new UsageError(
      'machine: found TLBs made by a function (`tlb`), expected those that `mmu` describes',
    );
  const platform: WrittenPlatform = { layout: layoutRecord(layout), options, kernelRoot, zeroPfn };
  to.text(JSON.stringify(platform, bigintsAsText));
  to.u32(PARTS.length);
  for (const [name, part] of PARTS) {
    to.text(name);
    part.write(to, machine[name]);
  }
  to.text(stateDigest(machine));
  return framed(to.take());
}

function framed(body: Uint8Array): Uint8Array {
  const to = new ByteWriter();
  to.u32(MAGIC);
  to.u32(VERSION);
  to.u32(checksumOf(body));
  to.raw(body);
  return to.take();
}

/** The bytes behind the checksum, if they have it. */
function bodyOf(bytes: Uint8Array): Uint8Array {
  const from = new ByteReader(bytes);
  if (from.u32() !== MAGIC) throw from.wrong('no machine', '"VMSM" at its beginning');
  const version = from.u32();
  if (version !== VERSION) throw from.wrong(`version ${version}`, `${VERSION}`);
  const checksum = from.u32();
  const body = bytes.subarray(12);
  if (checksumOf(body) !== checksum) throw from.wrong('damaged bytes', `checksum ${checksum}`);
  return body;
}

/**
 * The machine that `machineBytes` wrote; `platformOf` works the platform out (boot.ts). Throws UsageError, with the
 * offset, for bytes that are no machine, of another version, or damaged.
 */
export function readMachine(bytes: Uint8Array, platformOf: (boot: BootRecord) => Platform): Machine {
  const from = new ByteReader(bodyOf(bytes));
  const { layout, ...rest } = JSON.parse(from.text(), textsAsBigints) as WrittenPlatform;
  const platform = platformOf({ layout: layoutOfRecord(layout), ...rest });
  if (from.u32() !== PARTS.length) throw from.wrong('another number of parts', `${PARTS.length}`);
  const parts = PARTS.map(([name, part]) => {
    const found = from.text();
    if (found !== name) throw from.wrong(`part "${found}"`, `"${name}"`);
    return [name, part.read(from)];
  });
  const machine: Machine = { platform, ...Object.fromEntries(parts) };
  const digest = from.text();
  from.end();
  if (stateDigest(machine) !== digest) throw from.wrong('a machine with another digest', digest);
  return machine;
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { $bigint: value.toString() } : value;
}

function textsAsBigints(_key: string, value: unknown): unknown {
  const isBigint = typeof value === 'object' && value !== null && '$bigint' in value;
  return isBigint ? BigInt(String(value.$bigint)) : value;
}
