/**
 * The format of a page-table entry in hardware. The machine keeps entries in one canonical form of its own
 * (paging/pte.ts); a format is the way between that and the bits that the hardware has, for whoever shows entries.
 */

/** What an entry says, in the terms of every architecture. */
export interface EntryFlags {
  readonly present: boolean;
  readonly writable: boolean;
  readonly user: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** In an upper level: maps memory itself (a large page). */
  readonly large: boolean;
  readonly global: boolean;
  readonly noExecute: boolean;
}

export type EntryFlag = keyof EntryFlags;

/** An entry of some level. */
export interface EntryFields {
  /** Of the page, or of the next table. */
  readonly pfn: number;
  readonly flags: EntryFlags;
  /** It maps registers of a device: memory of another type, where the format says so (ARM). */
  readonly device?: boolean;
}

/** A field of an entry by the name of the manual. */
export interface EntryBit {
  readonly name: string;
  /** In decimal, or in binary with 0b: as the manual writes it. */
  readonly value: string;
  /** What this value says; of fields that are read together it stands at the last one. */
  readonly meaning?: string;
}

/** An entry of the last level that the kernel keeps for itself, beside that of the hardware. */
export interface SoftwareEntry {
  /** So many bytes below that of the hardware. */
  readonly bytesBelow: number;
  encode(fields: EntryFields, pageShift: number): bigint;
  tell(entry: bigint): readonly EntryBit[];
}

export interface EntryFormat {
  /** Entries that lead to tables differ between the user's half and the kernel's. */
  readonly tellsTables?: boolean;
  /** What an entry of this level has bits for; all else reads as false. `large`: of one that maps memory above the last. */
  visible(level: number, large?: boolean): readonly EntryFlag[];
  /** The bits that the hardware reads. `level` counts from the top; `index`: of the entry in its table. */
  encode(fields: EntryFields, level: number, pageShift: number, index?: number): bigint;
  /** What those bits say: the inverse, for flags that are visible. */
  decode(entry: bigint, level: number, pageShift: number): EntryFields;
  /** The fields of an entry that is present, where they say more than flags do. */
  tell?(entry: bigint, level: number): readonly EntryBit[];
  /** Absent: the kernel has none but that of the hardware. */
  readonly softwareEntry?: SoftwareEntry;
}

/** Position of each flag; a flag that is not there has no bit. */
export type FlagBits = Partial<Readonly<Record<EntryFlag, number>>>;

export interface BitFormat {
  /** Bits that are set where the flag holds. */
  readonly bits: FlagBits;
  /** Bits that are set where the flag does not hold (ARM: read-only, not global). */
  readonly inverted?: FlagBits;
  /** Where the frame stands: at its physical address, or as a number from this bit on. */
  readonly frameAt: 'address' | number;
  /** Width of the physical address, or of the number of the frame. */
  readonly frameBits: number;
  /** What an entry of some level has bits for, where that is less. */
  readonly visible?: (level: number) => readonly EntryFlag[] | undefined;
}

/** A format in which each flag is a bit of its own. */
export function bitFormat({ bits, inverted = {}, frameAt, frameBits, visible }: BitFormat): EntryFormat {
  const all = [...keysOf(bits), ...keysOf(inverted)];
  const seen = (level: number): readonly EntryFlag[] => visible?.(level) ?? all;
  const frame = frameField(frameAt, frameBits);
  return {
    visible: seen,
    encode({ pfn, flags }, level, pageShift) {
      let entry = frame.put(pfn, pageShift);
      for (const flag of seen(level)) {
        const bit = bits[flag] ?? inverted[flag]!;
        if (flags[flag] === flag in bits) entry |= 1n << BigInt(bit);
      }
      return entry;
    },
    decode(entry, level, pageShift) {
      const flags = { ...NO_FLAGS };
      for (const flag of seen(level)) {
        const bit = bits[flag] ?? inverted[flag]!;
        flags[flag] = ((entry >> BigInt(bit)) & 1n) === (flag in bits ? 1n : 0n);
      }
      return { pfn: frame.get(entry, pageShift), flags };
    },
  };
}

/** No flag at all. */
export const NO_FLAGS: EntryFlags & Record<EntryFlag, boolean> = {
  present: false,
  writable: false,
  user: false,
  accessed: false,
  dirty: false,
  large: false,
  global: false,
  noExecute: false,
};

interface FrameField {
  put(pfn: number, pageShift: number): bigint;
  get(entry: bigint, pageShift: number): number;
}

/** Where an entry has its frame. */
export function frameField(at: 'address' | number, width: number): FrameField {
  const mask = (1n << BigInt(width)) - 1n;
  if (at === 'address')
    return {
      put: (pfn, pageShift) => BigInt(pfn) << BigInt(pageShift),
      get: (entry, pageShift) => Number((entry & mask) >> BigInt(pageShift)),
    };
  return { put: (pfn) => BigInt(pfn) << BigInt(at), get: (entry) => Number((entry >> BigInt(at)) & mask) };
}

function keysOf(bits: FlagBits): EntryFlag[] {
  return Object.keys(bits) as EntryFlag[];
}
