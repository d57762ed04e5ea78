/** What a real kernel did with a program: the snapshots of its processes, and its page faults. */
import { type MapsLine, parseMaps, parseSmaps, parseStatus, statusKb } from '../../../traces/index.ts';

/** A process at a mark or at its end. */
export interface Snapshot {
  readonly label: string;
  readonly kind: 'mark' | 'exit';
  readonly pid: number;
  readonly maps: readonly MapsLine[];
  /** Rss of smaps in KiB, by where the mapping begins; empty where there is no smaps. */
  readonly residentKb: ReadonlyMap<bigint, number>;
  /** VmRSS and VmPTE of /proc/PID/status. */
  readonly rssKb: number;
  readonly pteKb: number;
}

export interface TrueFault {
  readonly pid: number;
  readonly address: bigint;
  /** PF_ bits of the error code. */
  readonly code: number;
}

const HEADER = /^=== (\S+) (mark|exit) pid (\d+)$/;
const FAULT = /-(\d+) .*: page_fault_(?:user|kernel): address=(0x[0-9a-f]+) .*error_code=(0x[0-9a-f]+)/;

export function snapshotsIn(text: string): Snapshot[] {
  return sectionsOf(text).map(({ header, files }) => {
    const [, label, kind, pid] = HEADER.exec(header)!;
    const status = parseStatus(files.get('status') ?? '');
    return {
      label: label!,
      kind: kind as Snapshot['kind'],
      pid: Number(pid),
      maps: parseMaps(files.get('maps') ?? ''),
      residentKb: new Map(parseSmaps(files.get('smaps') ?? '').map(({ start, kb }) => [start, kb.Rss!])),
      rssKb: statusKb(status, 'VmRSS'),
      pteKb: statusKb(status, 'VmPTE'),
    };
  });
}

export function snapshotPids(text: string): Set<number> {
  return new Set(
    text
      .split('\n')
      .flatMap((line) => HEADER.exec(line)?.[3] ?? [])
      .map(Number),
  );
}

interface Section {
  readonly header: string;
  readonly files: Map<string, string>;
}

function sectionsOf(text: string): Section[] {
  return text
    .split(/^(?==== )/m)
    .filter((part) => HEADER.test(part.split('\n', 1)[0]!))
    .map((part) => {
      const [header, ...files] = part.split(/^--- /m);
      const named = files.map((file): [string, string] => {
        const end = file.indexOf('\n');
        return [file.slice(0, end), file.slice(end + 1)];
      });
      return { header: header!.trimEnd(), files: new Map(named) };
    });
}

/** Of the program and all that it has made, and no others. */
export function faultsIn(text: string): TrueFault[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, address, code] = FAULT.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), address: BigInt(address!), code: Number(code) }];
  });
}
