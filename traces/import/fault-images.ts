/**
 * What a fault trace does not tell, from other files of the same run: what execve mapped, from a maps file of the
 * process; and which file a mmap maps, from there or from a strace.
 */
import { numberIn, type SystemCall } from '../strace/call.ts';
import type { BesideText } from './importer.ts';
import { imageOfMaps, type MapsPiece, type ProgramImage, piecesOfMaps } from './program-image.ts';

/** `=== 003 mark pid 29889`, then `--- maps` and the file: moments of processes, as one text. */
const SNAPSHOT = /^=== \S+ \S+ pid (\d+)$/;
/** /proc/PID/maps as it is. */
const PLAIN_MAPS = /^[0-9a-f]{8,16}-[0-9a-f]{8,16} [r-][w-][x-][ps] /;
const STRACE_MMAP = /\bmmap2?\([^,]+, (\d+), [^<>]*, \d+<([^>]+)>, .*\) += (0x[0-9a-f]+)/;

export class FaultImages {
  /** Mappings by process: of the first moment that is told, and of all of them. */
  private readonly maps = new Map<number, readonly MapsPiece[]>();
  private readonly allMaps = new Map<number, MapsPiece[]>();
  /** A maps file that says of no process. */
  private readonly plainMaps: (readonly MapsPiece[])[] = [];
  /** Paths by length and address of a mapping. */
  private readonly paths = new Map<string, string>();

  constructor(beside: readonly BesideText[]) {
    for (const { text } of beside) {
      if (PLAIN_MAPS.test(text)) this.plainMaps.push(piecesOfMaps(text));
      this.readSnapshots(text);
      this.readStrace(text);
    }
  }

  /**
   * @param heapStart where the first brk(0) says that the program ends
   * @param path of the program
   */
  imageOf(pid: number, heapStart: number | undefined, path: string | undefined): ProgramImage | undefined {
    const pieces =
      this.maps.get(pid) ?? this.plainMaps.find((maps) => maps.some(({ file }) => file === path));
    return pieces && imageOfMaps(pieces, heapStart, path);
  }

  /** The call, with the path of the file that a mmap maps, as strace -y has it. */
  named(pid: number, call: SystemCall): SystemCall {
    const path = call.name === 'mmap' && call.result !== undefined ? this.pathOf(pid, call) : undefined;
    if (path === undefined) return call;
    const args = call.args.map((arg, i) => (i === 4 ? { ...arg, text: `${arg.text}<${path}>` } : arg));
    return { ...call, args };
  }

  private pathOf(pid: number, { args, result }: SystemCall): string | undefined {
    const length = numberIn(args[1]?.text) ?? 0;
    const isThere = ({ start, end, file }: MapsPiece): boolean =>
      file !== undefined && start <= result! && result! < end;
    const mapped = this.allMaps.get(pid)?.find(isThere) ?? this.plainMaps.flat().find(isThere);
    return this.paths.get(`${length} ${result}`) ?? mapped?.file;
  }

  private readSnapshots(text: string): void {
    let pid: number | undefined;
    let maps: string[] | undefined;
    for (const line of text.startsWith('===') ? [...text.split('\n'), '--- end'] : []) {
      const header = SNAPSHOT.exec(line);
      if (maps !== undefined && (header !== null || line.startsWith('---'))) {
        if (pid !== undefined) this.add(pid, piecesOfMaps(maps.join('\n')));
        maps = undefined;
      }
      if (header !== null) pid = Number(header[1]);
      else if (line === '--- maps') maps = [];
      else maps?.push(line);
    }
  }

  private add(pid: number, pieces: readonly MapsPiece[]): void {
    if (!this.maps.has(pid)) this.maps.set(pid, pieces);
    this.allMaps.set(pid, [
      ...(this.allMaps.get(pid) ?? []),
      ...pieces.filter(({ file }) => file !== undefined),
    ]);
  }

  private readStrace(text: string): void {
    for (const line of text.split('\n')) {
      const [, length, path, address] = STRACE_MMAP.exec(line) ?? [];
      const key = `${length} ${Number(address)}`;
      if (path !== undefined && !this.paths.has(key)) this.paths.set(key, path);
    }
  }
}
