/** A layout as the JSON that layout-file.ts reads: the same layout again, for the same options. */

import { addressOf, pfnOf } from '../../base/units.ts';
import { versionText } from '../../kernel/version.ts';
import type { AddressRange, KernelBuild, KernelImage, Layout, Segment, UserParts } from '../layout.ts';
import { endPfn, frameLimit, usableFrames } from '../page-frames.ts';
import { vmallocStart } from '../vmalloc-window.ts';
import { familyNamed } from './platforms.ts';
import { OTHER_KINDS } from './schema.ts';

/** Plain data for JSON.stringify; addresses are 0x strings. */
export function exportLayout(layout: Layout): object {
  const { name, title, family, arch, kernel, physicalBase } = layout;
  const { wordBits, virtualBits, pageShift, translation, pageWindows } = arch;
  return {
    name,
    title,
    family,
    arch: arch.name,
    ...(isOtherVersion(layout) && { kernelVersion: versionText(kernel.version) }),
    ...(physicalBase !== 0n && { physicalBase: hex(physicalBase) }),
    wordBits,
    virtualBits,
    pageBytes: 2 ** pageShift,
    levels: translation.levels.map((level, i) => ({
      ...level,
      ...(translation.largePageLevels.includes(i) && { large: true }),
    })),
    entryBytes: translation.entryBytes,
    noExecute: translation.nx,
    translation: translation.kind,
    ...(translation.linearPageBytes && { linearPageBytes: translation.linearPageBytes }),
    ...(translation.walkReads && { walkReads: translation.walkReads }),
    ...(layout.segments && { segments: segmentFields(layout.segments) }),
    ...(pageWindows && { pageWindows: pageWindows.map((window) => ({ ...range(window), vpn: window.vpn })) }),
    user: userFields(layout),
    kernel: kernelFields(layout),
    zones: zoneFields(layout),
    ...memoryFields(layout),
  };
}

function isOtherVersion({ family, kernel }: Layout): boolean {
  return familyNamed(family)?.kernel !== kernel && kernel.name.startsWith('linux-');
}

function userFields(layout: Layout) {
  const { taskSize, stackTop, mmapBase, mmapLegacyBase, textBase, regions, userParts } = layout;
  const parts = regions.filter(({ kind }) => kind === 'user');
  return {
    end: hex(taskSize),
    stackTop: hex(stackTop),
    mmapBase: hex(mmapBase),
    ...(mmapLegacyBase !== undefined && { mmapLegacyBase: hex(mmapLegacyBase) }),
    textBase: hex(textBase),
    ...(parts.length > 1 && { regions: parts.map(({ name, ...part }) => ({ name, ...range(part) })) }),
    ...(userParts && { parts: partFields(userParts) }),
  };
}

/** `user code` is `userCode` in the file. */
function segmentFields(segments: readonly Segment[]) {
  const fields = segments.map(({ name, base, limit, privilege }) => [
    name.replace(/ (.)/, (_, letter: string) => letter.toUpperCase()),
    { base: hex(base), limit: hex(limit), privilege },
  ]);
  return Object.fromEntries(fields);
}

function partFields({ text, mmap, mmapUpwards, stack }: UserParts) {
  return { text: range(text), mmap: range(mmap), mmapUpwards, stack: range(stack) };
}

function kernelFields(layout: Layout) {
  const { pageOffset, pkmap, fixmap, modules } = layout;
  return {
    pageOffset: hex(pageOffset),
    ...memoryEnds(layout),
    vmalloc: windowFields(layout),
    ...(pkmap && { pkmap: { base: hex(pkmap.base), slots: pkmap.slots } }),
    fixmap: { ...range(fixmap), totalStart: hex(layout.fixmapTotalStart) },
    ...(!floats(layout) && { modules: range(modules) }),
    regions: layout.regions
      .filter(({ kind }) => OTHER_KINDS.some((other) => other === kind))
      .map(({ kind, name, start, end }) => ({ kind, name, ...range({ start, end }) })),
    image: imageFields(layout.kernelImage),
    ...(layout.build && { build: buildFields(layout.build) }),
    structPageBytes: layout.structPageBytes,
    stackBytes: layout.kernelStackBytes,
  };
}

/**
 * Where the kernel's windows follow from the RAM, the reserve that vmalloc= changes; else where the window lies, as other
 * ports have it.
 */
function windowFields({ vmalloc, kernel, highMemory, pageOffset, maxMem, modules }: Layout) {
  if (!floats({ vmalloc, kernel, highMemory, modules })) return range(vmalloc);
  return { end: hex(vmalloc.end), reserve: hex(vmalloc.end - pageOffset - maxMem) };
}

function floats({
  vmalloc,
  kernel,
  highMemory,
  modules,
}: Pick<Layout, 'vmalloc' | 'kernel' | 'highMemory' | 'modules'>): boolean {
  return vmalloc.start === vmallocStart(kernel.vmalloc, highMemory) && modules === vmalloc;
}

/** Where the direct map and all memory end, as far as they do not follow from windows and RAM. */
function memoryEnds(layout: Layout) {
  const { maxMem, maxLowPfn, maxPfn, pageShift, physicalBase, arch } = layout;
  const last = endPfn(usableFrames(layout, frameLimit(arch)));
  const reach = Math.min(last, pfnOf(physicalBase + maxMem, pageShift));
  return {
    ...(!floats(layout) && { directMapBytes: hex(maxMem) }),
    ...(maxLowPfn !== reach && { lowMemoryEnd: hex(addressOf(maxLowPfn, pageShift)) }),
    ...(maxPfn !== last && layout.pkmap !== undefined && { memoryEnd: hex(addressOf(maxPfn, pageShift)) }),
  };
}

function buildFields({ dmaZoneBytes, ...flags }: KernelBuild) {
  return {
    ...flags,
    ...(dmaZoneBytes !== undefined && { dmaZoneBytes: hex(dmaZoneBytes) }),
  };
}

function imageFields({ code, rodata, data, bss, realModePages, ...addresses }: KernelImage) {
  const fields = Object.entries(addresses).map(([name, address]) => [name, hex(address)]);
  const sections = { code: range(code), rodata: range(rodata), data: range(data), bss: range(bss) };
  return { ...Object.fromEntries(fields), ...sections, realModePages };
}

/** Where the zones below the last one of low memory end. */
function zoneFields({ zones, pageShift }: Layout) {
  return zones
    .filter(({ name }) => name === 'DMA' || name === 'DMA32')
    .map(({ name, startPfn, spannedPages }) => ({
      name,
      end: hex(addressOf(startPfn + spannedPages, pageShift)),
    }));
}

/** The amount of RAM if the rest follows from it, else the memory map. */
function memoryFields({ family, physical, ramBytes, physicalBase }: Layout) {
  const usual = familyNamed(family)?.machine.fromSize(ramBytes, physicalBase) ?? [];
  const isUsual =
    usual.length === physical.length &&
    usual.every(({ name, start, end }, i) => {
      const found = physical[i]!;
      return name === found.name && start === found.start && end === found.end;
    });
  if (isUsual) return { ram: hex(ramBytes) };
  return { memoryMap: physical.map(({ name, ...at }) => ({ name, ...range(at) })) };
}

function range({ start, end }: AddressRange) {
  return { start: hex(start), end: hex(end) };
}

function hex(bytes: bigint): string {
  return `0x${bytes.toString(16)}`;
}
