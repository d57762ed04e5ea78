/**
 * What somebody has picked on the page: plain data, and a text for the fragment of its URL, so that a link leads to it.
 * The text and the data are inverse.
 */
import { UsageError } from '../../../core/base/errors.ts';

export type Selection =
  /** The event of this number, as the machine meets it. */
  | { readonly kind: 'event'; readonly event: number }
  /** A virtual address; of user space that of a process. */
  | { readonly kind: 'address'; readonly address: bigint; readonly pid: number | undefined }
  | { readonly kind: 'frame'; readonly pfn: number }
  | { readonly kind: 'object'; readonly object: number }
  | { readonly kind: 'process'; readonly pid: number };

/** `event:88538`, `address:0xc1234567`, `address:0x8049000@3`, `frame:0x1234`, `object:793`, `process:3`. */
export function selectionText(selection: Selection): string {
  switch (selection.kind) {
    case 'event':
      return `event:${selection.event}`;
    case 'address': {
      const of = selection.pid === undefined ? '' : `@${selection.pid}`;
      return `address:0x${selection.address.toString(16)}${of}`;
    }
    case 'frame':
      return `frame:0x${selection.pfn.toString(16)}`;
    case 'object':
      return `object:${selection.object}`;
    case 'process':
      return `process:${selection.pid}`;
  }
}

/** Numbers in decimal or, with 0x, hexadecimal. @throws UsageError that says what is expected */
export function parseSelection(text: string): Selection {
  const [, kind, rest] = /^(\w+):(.*)$/.exec(text) ?? [];
  switch (kind) {
    case 'event':
      return { kind, event: numberIn(text, rest!, Number.MAX_SAFE_INTEGER) };
    case 'address':
      return { kind, ...addressIn(text, rest!) };
    case 'frame':
      return { kind, pfn: numberIn(text, rest!, MOST_FRAMES - 1) };
    case 'object':
      return { kind, object: numberIn(text, rest!, 2 ** 32 - 1) };
    case 'process':
      return { kind, pid: numberIn(text, rest!, 2 ** 32 - 1) };
    default:
      throw expected(text, 'event:NUMBER, address:0xADDRESS@PID, frame:NUMBER, object:NUMBER or process:PID');
  }
}

/** Tables of frames have no more (core/layout/page-frames.ts). */
const MOST_FRAMES = 2 ** 28;

function addressIn(text: string, rest: string): { address: bigint; pid: number | undefined } {
  const [, address, pid] = /^(0x[0-9a-f]{1,16}|\d{1,20})(?:@(.*))?$/i.exec(rest) ?? [];
  if (address === undefined || BigInt(address) >= 1n << 64n)
    throw expected(text, 'an address of at most 64 bits, such as address:0xc1234567 or address:0x8049000@3');
  return {
    address: BigInt(address),
    pid: pid === undefined ? undefined : numberIn(text, pid, 2 ** 32 - 1),
  };
}

function numberIn(text: string, digits: string, most: number): number {
  const value = /^(0x[0-9a-f]{1,14}|\d{1,16})$/i.test(digits) ? Number(digits) : Number.NaN;
  if (value <= most) return value;
  throw expected(text, `a whole number from 0 to ${most} after the colon`);
}

function expected(text: string, what: string): UsageError {
  return new UsageError(`found selection '${text}', expected ${what}`);
}
