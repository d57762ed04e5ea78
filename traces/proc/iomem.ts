/** /proc/iomem: who owns which physical addresses (r_show of kernel/resource.c). */
import { hexDigits, type ProcPlace, ProcText } from './text.ts';

/** A line of /proc/iomem. */
export interface IomemResource {
  /** Physical addresses [start, end). The file names the last byte. */
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
  /** 0 for resources of the machine, 1 for those inside one of them, ... */
  readonly depth: number;
}

const LINE = /^((?: {2})*)([0-9a-f]+)-([0-9a-f]+) : (.+)$/;

/** In the order of the file: a resource comes before those inside it. */
export function parseIomem(text: string, place?: ProcPlace): IomemResource[] {
  const lines = new ProcText(text, '/proc/iomem', place);
  const path: IomemResource[] = [];
  return lines.untilEnd(() => {
    const [, indent, start, last, name] = lines.expect(LINE, "'00100000-3ffdffff : System RAM'");
    const depth = indent!.length / 2;
    const resource = { start: BigInt(`0x${start}`), end: BigInt(`0x${last}`) + 1n, name: name!, depth };
    checkPlace(lines, path, resource);
    path[depth] = resource;
    path.length = depth + 1;
    return resource;
  });
}

/** Resources are ascending, do not overlap, and lie inside the one that they refine. */
function checkPlace(lines: ProcText, path: readonly IomemResource[], resource: IomemResource): void {
  const { start, end, depth } = resource;
  if (end === 1n) lines.reject('real addresses', 'Read /proc/iomem as root: others see zeros');
  if (end <= start) lines.reject('an end that is not below the start');
  if (depth > path.length) lines.reject(`at most ${path.length} levels of indentation here`);
  const parent = path[depth - 1];
  if (parent !== undefined && (start < parent.start || end > parent.end))
    lines.reject(`addresses inside of '${parent.name}', which the indentation says it is part of`);
  if (path[depth] !== undefined && start < path[depth].end)
    lines.reject(`addresses above those of '${path[depth].name}'`);
}

/** Addresses have at least eight digits. */
export function formatIomem(resources: readonly IomemResource[]): string {
  return resources
    .map(({ start, end, name, depth }) => {
      const range = `${hexDigits(start, 8)}-${hexDigits(end - 1n, 8)}`;
      return `${'  '.repeat(depth)}${range} : ${name}\n`;
    })
    .join('');
}
