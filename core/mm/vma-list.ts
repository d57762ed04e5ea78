/** The VMAs of an address space, ascending and without overlaps: finding, inserting, cutting and merging them. */
import { clipVma, continues, endVpn, type Vma } from './vma.ts';

/** Index of the first VMA that ends above `vpn`; vmas.length when there is none. */
export function firstEndingAbove(vmas: readonly Vma[], vpn: number): number {
  let low = 0;
  let high = vmas.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endVpn(vmas[middle]!) > vpn) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The VMA that contains a page. */
export function vmaAt(vmas: readonly Vma[], vpn: number): Vma | undefined {
  const vma = vmas[firstEndingAbove(vmas, vpn)];
  return vma !== undefined && vma.startVpn <= vpn ? vma : undefined;
}

/** The parts of an object in [start, end), pages of the object; `base` is where its page 0 lies. */
export function partsOf(
  vmas: readonly Vma[],
  object: number,
  base: number,
  start: number,
  end: number,
): Vma[] {
  const parts: Vma[] = [];
  for (let i = firstEndingAbove(vmas, base + start); i < vmas.length; i++) {
    const vma = vmas[i]!;
    if (vma.startVpn >= base + end) break;
    if (vma.object !== object) continue;
    parts.push(clipVma(vma, Math.max(vma.startVpn, base + start), Math.min(endVpn(vma), base + end)));
  }
  return parts;
}

/** The parts up to the first hole of [start, end), pages of their object. */
export function upToHole(parts: readonly Vma[], start: number): Vma[] {
  let next = start;
  const reached = parts.findIndex((part) => {
    const isHole = part.objectPage !== next;
    next = part.objectPage + part.nrPages;
    return isHole;
  });
  return reached < 0 ? parts.slice() : parts.slice(0, reached);
}

/** Adds a VMA at its place, and merges it with neighbours that it continues (vma_merge). */
export function insertVma(vmas: Vma[], vma: Vma): void {
  const at = firstEndingAbove(vmas, vma.startVpn);
  const left = at > 0 ? vmas[at - 1] : undefined;
  const right = at < vmas.length ? vmas[at] : undefined;
  const joinsLeft = left !== undefined && continues(left, vma);
  const joinsRight = right !== undefined && continues(vma, right);
  if (!joinsLeft && !joinsRight) {
    vmas.splice(at, 0, vma);
    return;
  }
  const first = joinsLeft ? left : vma;
  const end = endVpn(joinsRight ? right : vma);
  const replaced = Number(joinsLeft) + Number(joinsRight);
  const flags = vma.flags | (joinsLeft ? left.flags : 0) | (joinsRight ? right.flags : 0);
  vmas.splice(joinsLeft ? at - 1 : at, replaced, { ...first, nrPages: end - first.startVpn, flags });
}

/** Takes [start, end), which one VMA contains, out of the list of VMAs. */
export function cutVma(vmas: Vma[], start: number, end: number): void {
  const at = firstEndingAbove(vmas, start);
  const vma = vmas[at]!;
  if (start === vma.startVpn && end === endVpn(vma)) {
    vmas.splice(at, 1);
    return;
  }
  const rest: Vma[] = [];
  if (start > vma.startVpn) rest.push(clipVma(vma, vma.startVpn, start));
  if (end < endVpn(vma)) rest.push(clipVma(vma, end, endVpn(vma)));
  vmas.splice(at, 1, ...rest);
}

/** Gives a part of a VMA other attributes: splits it off, and merges it with what it is now like. */
export function changePart(vmas: Vma[], part: Vma, changed: Vma): void {
  cutVma(vmas, part.startVpn, endVpn(part));
  insertVma(vmas, changed);
}
