/** Data that no reader here takes as it is, told by its first bytes, and the command that turns it into what one takes. */

export interface PackedData {
  readonly name: 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'perf' | 'trace-cmd';
  /** `data packed with xz`, after "found". */
  readonly what: string;
  /** Writes what is in it to standard output, when the name of the file follows. */
  readonly command: string;
  /** A tool's own recording, which is to be imported as the text that the tool makes of it. */
  readonly isRecording: boolean;
}

type Kind = Omit<PackedData, 'isRecording'> & { readonly magic: readonly number[] };

const KINDS: readonly Kind[] = [
  // RFC 1952, 2.3.1
  { name: 'gzip', magic: [0x1f, 0x8b], what: 'data packed with gzip', command: 'zcat' },
  // The .xz file format 1.2, 2.1.1.1
  {
    name: 'xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    what: 'data packed with xz',
    command: 'xz -dc',
  },
  // RFC 8878, 3.1.1
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'data packed with zstd', command: 'zstd -dc' },
  { name: 'bzip2', magic: [...ascii('BZh')], what: 'data packed with bzip2', command: 'bzip2 -dc' },
  // tools/perf/Documentation/perf.data-file-format.txt, v6.1
  {
    name: 'perf',
    magic: [...ascii('PERFILE2')],
    what: 'a recording of perf record',
    command: 'perf script -i',
  },
  // trace-cmd.dat(5)
  {
    name: 'trace-cmd',
    magic: [0x17, 0x08, 0x44, ...ascii('tracing')],
    what: 'a recording of trace-cmd record',
    command: 'trace-cmd report -i',
  },
];

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** Undefined for anything else. */
export function packedData(first: Uint8Array): PackedData | undefined {
  const found = KINDS.find(({ magic }) => magic.every((byte, i) => first[i] === byte));
  return found && { ...found, isRecording: found.name === 'perf' || found.name === 'trace-cmd' };
}

/** What to type, with the rest of the pipe: `vmsplit import -`. */
export function unpackCommand({ command }: PackedData, file: string, rest: string): string {
  return `\`${command} ${file.startsWith('<') ? 'FILE' : file} | ${rest}\``;
}
