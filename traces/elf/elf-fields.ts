/** Fields of an ELF file, in its own word size and byte order (e_ident). */
import { Fault } from '../base/errors.ts';

/** Bytes of a file; fewer at its end. */
export type ReadBytes = (offset: number, bytes: number) => Uint8Array;

const HEADER_BYTES = 64;
const HEADER_BYTES_32 = 52;
const [EI_CLASS, EI_DATA] = [4, 5];
/** User space ends below this on every Linux, and files do. */
const MOST = 2 ** 52;

export class ElfFields {
  readonly wordBytes: 4 | 8;
  readonly isBigEndian: boolean;
  private readonly view: DataView;

  private constructor(bytes: Uint8Array, wordBytes: 4 | 8, isBigEndian: boolean) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.wordBytes = wordBytes;
    this.isBigEndian = isBigEndian;
  }

  /** The file header. Throws a Fault for what begins like no ELF file. */
  static of(read: ReadBytes): ElfFields {
    const bytes = read(0, HEADER_BYTES);
    const isElf = bytes[0] === 0x7f && String.fromCharCode(...bytes.subarray(1, 4)) === 'ELF';
    if (!isElf) throw new Fault('no ELF header', 'an ELF file');
    const [kind, order] = [bytes[EI_CLASS], bytes[EI_DATA]];
    if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2))
      throw new Fault(`ELF class ${kind} and byte order ${order}`, '1 or 2 each');
    if (bytes.length < (kind === 2 ? HEADER_BYTES : HEADER_BYTES_32))
      throw new Fault(`an ELF header of ${bytes.length} bytes`, 'a whole one');
    return new ElfFields(bytes, kind === 2 ? 8 : 4, order === 2);
  }

  /** The same over other bytes of the file. */
  over(bytes: Uint8Array): ElfFields {
    return new ElfFields(bytes, this.wordBytes, this.isBigEndian);
  }

  /** 16 bits. */
  half(at: number): number {
    return this.view.getUint16(at, !this.isBigEndian);
  }

  /** 32 bits. */
  int(at: number): number {
    return this.view.getUint32(at, !this.isBigEndian);
  }

  /** An address or offset. Throws a Fault for one that is beyond every user space and file. */
  word(at: number): number {
    if (this.wordBytes === 4) return this.int(at);
    const word = Number(this.view.getBigUint64(at, !this.isBigEndian));
    if (word >= MOST) throw new Fault(`${word} as an address or offset`, 'less than 2^52');
    return word;
  }
}
