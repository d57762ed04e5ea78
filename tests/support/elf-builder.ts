/** ELF files as linkers write them, of both word sizes and byte orders: headers, and the name of the dynamic linker. */

export const PT = { load: 1, interp: 3, note: 4, stack: 0x6474_e551, relro: 0x6474_e552 } as const;
export const [PF_X, PF_W, PF_R] = [1, 2, 4];

export interface Header {
  readonly type: number;
  readonly flags?: number;
  readonly offset?: number;
  readonly address?: number;
  readonly fileBytes?: number;
  readonly memoryBytes?: number;
}

export interface Elf {
  readonly wordBytes: 4 | 8;
  readonly isBigEndian: boolean;
  /** ET_EXEC 2, ET_DYN 3. */
  readonly type: number;
  readonly entry?: number;
  readonly headers: readonly Header[];
  readonly interpreter?: string;
  readonly buildId?: readonly number[];
}

/** Where the name of the dynamic linker and the note lie. */
const [INTERP_AT, NOTE_AT, FILE_BYTES] = [0x800, 0x900, 0x1000];

export function elfBytes({
  wordBytes,
  isBigEndian,
  type,
  entry = 0,
  headers,
  interpreter,
  buildId,
}: Elf): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES);
  const view = new DataView(bytes.buffer);
  const little = !isBigEndian;
  const isWide = wordBytes === 8;
  const word = (at: number, value: number): void =>
    isWide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, isWide ? 2 : 1, isBigEndian ? 2 : 1, 1]);
  view.setUint16(16, type, little);
  word(24, entry);
  const all = [
    ...headers,
    ...(interpreter === undefined
      ? []
      : [{ type: PT.interp, offset: INTERP_AT, fileBytes: interpreter.length + 1 }]),
    ...(buildId === undefined ? [] : [{ type: PT.note, offset: NOTE_AT, fileBytes: 16 + buildId.length }]),
  ];
  const [table, size] = isWide ? [64, 56] : [52, 32];
  word(isWide ? 32 : 28, table);
  view.setUint16(isWide ? 54 : 42, size, little);
  view.setUint16(isWide ? 56 : 44, all.length, little);
  for (const [i, header] of all.entries()) writeHeader(view, table + i * size, header, word, isWide, little);
  bytes.set(Buffer.from(interpreter ?? '', 'latin1'), INTERP_AT);
  [4, buildId?.length ?? 0, 3].map((field, i) => view.setUint32(NOTE_AT + 4 * i, field, little));
  bytes.set([...Buffer.from('GNU\0'), ...(buildId ?? [])], NOTE_AT + 12);
  return bytes;
}

function writeHeader(
  view: DataView,
  at: number,
  { type, flags = PF_R, offset = 0, address = 0, fileBytes = 0, memoryBytes = fileBytes }: Header,
  word: (at: number, value: number) => void,
  isWide: boolean,
  little: boolean,
): void {
  view.setUint32(at, type, little);
  view.setUint32(at + (isWide ? 4 : 24), flags, little);
  const [first, step] = isWide ? [8, 8] : [4, 4];
  for (const [i, value] of [offset, address, 0xffff_0000, fileBytes, memoryBytes].entries())
    word(at + first + i * step, value);
}

/** As a file that is read in parts. */
export function reader(bytes: Uint8Array): (offset: number, count: number) => Uint8Array {
  return (offset, count) =>
    bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + count, bytes.length));
}
