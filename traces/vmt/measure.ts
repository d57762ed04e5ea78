/**
 * Where a MessagePack value ends, found before anything is decoded, so that no length in a file can make the decoder
 * allocate more than its limits. The bytes may come in pieces; each is looked at once.
 */
import { Fault } from '../base/errors.ts';

/** What a record may hold; a decoder allocates in proportion to it. */
export interface ValueLimits {
  /** Values of any sort, at any depth. */
  readonly values: number;
  /** Lists and maps among them. */
  readonly containers: number;
}

/** Deepest nesting of a record's maps and lists; parameters may need some. */
export const MAX_DEPTH = 16;

/** What follows the first byte of a value. */
type Rest =
  /** Bytes that are the value. */
  | { readonly sort: 'bytes'; readonly size: number }
  /** A length of so many bytes, then that many bytes. */
  | { readonly sort: 'sized'; readonly lengthBytes: number }
  /** So many values, or a count of so many bytes and then as many, or twice as many, values. */
  | { readonly sort: 'items'; readonly count: number }
  | { readonly sort: 'counted'; readonly lengthBytes: number; readonly each: 1 | 2 };

/** By the first byte; undefined: a type that traces do not use (extensions, and the one that MessagePack never uses). */
const RESTS: readonly (Rest | undefined)[] = Array.from({ length: 256 }, (_, type) => restOf(type));

function restOf(type: number): Rest | undefined {
  if (type < 0x80 || type >= 0xe0) return { sort: 'bytes', size: 0 }; // small integers
  if (type < 0x90) return { sort: 'items', count: 2 * (type & 0xf) };
  if (type < 0xa0) return { sort: 'items', count: type & 0xf };
  if (type < 0xc0) return { sort: 'bytes', size: type & 0x1f };
  switch (type) {
    case 0xc0: // nil, false, true
    case 0xc2:
    case 0xc3:
      return { sort: 'bytes', size: 0 };
    case 0xc4: // binaries and text, with a length of 1, 2 or 4 bytes
    case 0xd9:
      return { sort: 'sized', lengthBytes: 1 };
    case 0xc5:
    case 0xda:
      return { sort: 'sized', lengthBytes: 2 };
    case 0xc6:
    case 0xdb:
      return { sort: 'sized', lengthBytes: 4 };
    case 0xcc: // numbers of 1, 2, 4 and 8 bytes
    case 0xd0:
      return { sort: 'bytes', size: 1 };
    case 0xcd:
    case 0xd1:
      return { sort: 'bytes', size: 2 };
    case 0xca:
    case 0xce:
    case 0xd2:
      return { sort: 'bytes', size: 4 };
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return { sort: 'bytes', size: 8 };
    case 0xdc: // lists and maps, with a count of 2 or 4 bytes
    case 0xdd:
      return { sort: 'counted', lengthBytes: type === 0xdc ? 2 : 4, each: 1 };
    case 0xde:
    case 0xdf:
      return { sort: 'counted', lengthBytes: type === 0xde ? 2 : 4, each: 2 };
    default:
      return undefined;
  }
}

/** Measures one value. Faults: types that traces do not use, too deep a nesting, more than the limits. */
export class ValueMeasure {
  private readonly limits: ValueLimits;
  private values = 0;
  private containers = 0;
  /** How many values are to come in each open list or map. */
  private readonly open: number[] = [1];
  /** Bytes of the value that are to be passed over. */
  private skip = 0;
  /** Bytes of a length that are to be read, and what they say so far. */
  private lengthBytes = 0;
  private length = 0;
  private rest: Rest = { sort: 'bytes', size: 0 };

  constructor(limits: ValueLimits) {
    this.limits = limits;
  }

  /** Goes on in the piece `bytes`, from `at`. Where the value ends in it; undefined when it goes on behind. */
  take(bytes: Uint8Array, at: number): number | undefined {
    while (this.open.length > 0) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, bytes.length - at);
        this.skip -= passed;
        at += passed;
        if (this.skip > 0) return undefined;
        this.closeFull();
      } else {
        if (at === bytes.length) return undefined;
        if (this.lengthBytes > 0) this.takeLengthByte(bytes[at++]!);
        else this.begin(bytes[at++]!);
      }
    }
    return at;
  }

  private begin(type: number): void {
    const rest = RESTS[type];
    if (rest === undefined)
      throw new Fault(`MessagePack type 0x${type.toString(16)}`, 'a type that traces use');
    if (++this.values > this.limits.values)
      throw new Fault(`a record of more than ${this.limits.values} values`, 'at most as many');
    this.open[this.open.length - 1]!--;
    this.rest = rest;
    if (rest.sort === 'items') this.openItems(rest.count);
    else if (rest.sort === 'bytes') this.pass(rest.size);
    else {
      this.lengthBytes = rest.lengthBytes;
      this.length = 0;
    }
  }

  private takeLengthByte(byte: number): void {
    const { rest } = this;
    this.length = this.length * 0x100 + byte;
    if (--this.lengthBytes > 0) return;
    if (rest.sort === 'counted') this.openItems(rest.each * this.length);
    else this.pass(this.length);
  }

  private pass(size: number): void {
    this.skip = size;
    if (size === 0) this.closeFull();
  }

  private openItems(count: number): void {
    const { limits } = this;
    if (++this.containers > limits.containers)
      throw new Fault(`a record of more than ${limits.containers} lists and maps`, 'at most as many');
    if (count > limits.values)
      throw new Fault(
        `a list or map of ${count} values`,
        `at most ${limits.values}, for a file of this size`,
      );
    if (this.open.length > MAX_DEPTH) throw new Fault(`values nested deeper than ${MAX_DEPTH}`, 'a record');
    this.open.push(count);
    this.closeFull();
  }

  private closeFull(): void {
    const { open } = this;
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
  }
}

/** Where the value that begins at `start` ends; undefined when the bytes end before it does. */
export function valueEnd(bytes: Uint8Array, start: number, limits: ValueLimits): number | undefined {
  return new ValueMeasure(limits).take(bytes, start);
}
