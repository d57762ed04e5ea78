import { MIB, PAGE_SHIFT, pfnOf, pfnUp } from './units.js';
/** Whole page frames of RAM below `limitPfn`. Frame 0 is never used: it is the BIOS's (trim_bios_range). */
export function usableFrames(ram, limitPfn, pageShift = PAGE_SHIFT) {
    return joined(ram)
        .map(({ start, end }) => ({
        start: Math.max(1, pfnUp(start, pageShift)),
        end: Math.min(limitPfn, pfnOf(end, pageShift)),
    }))
        .filter(({ start, end }) => start < end);
}
/** RAM that goes on where another range ends is one range (e820__update_table). */
function joined(ram) {
    const out = [];
    for (const range of ram) {
        const last = out.at(-1);
        if (last?.end === range.start)
            out[out.length - 1] = { start: last.start, end: range.end };
        else
            out.push(range);
    }
    return out;
}
/** Ranges without the frames of a hole. */
export function subtract(ranges, hole) {
    return ranges
        .flatMap(({ start, end }) => [
        { start, end: Math.min(end, hole.start) },
        { start: Math.max(start, hole.end), end },
    ])
        .filter(({ start, end }) => start < end);
}
/** First PFN above the last frame. */
export function endPfn(frames) {
    return frames.at(-1)?.end ?? 0;
}
/** Where low memory ends, and how much of RAM is used at all (find_low_pfn_range). */
export function splitLowmem(request) {
    return request.maxPfn <= request.directMapPages ? allInLowmem(request) : lowmemAndHighmem(request);
}
/** highmem= may not leave less low memory than this. */
const MINIMUM_LOWMEM_PAGES = pfnOf(64n * MIB);
/** All of RAM fits (lowmem_pfn_init): highmem= can still turn a part of it into high memory. */
function allInLowmem({ maxPfn, highmem, highmemPages }) {
    const wanted = highmem ? (highmemPages ?? 0) : 0;
    const possible = maxPfn - wanted >= MINIMUM_LOWMEM_PAGES;
    return { maxLowPfn: possible ? maxPfn - wanted : maxPfn, maxPfn };
}
/** More RAM than fits (highmem_pfn_init): highmem= can only make the kernel use less of it. */
function lowmemAndHighmem({ maxPfn, directMapPages, highmem, highmemPages }) {
    if (!highmem)
        return { maxLowPfn: directMapPages, maxPfn: directMapPages };
    const wanted = highmemPages ?? maxPfn - directMapPages;
    return { maxLowPfn: directMapPages, maxPfn: Math.min(maxPfn, directMapPages + wanted) };
}
/** What each zone spans and how much of that exists; zones without a page are left out. */
export function zoneSpans(frames, limits) {
    const first = frames[0]?.start ?? 0;
    const last = endPfn(frames);
    return limits
        .map(({ name, endPfn }, index) => {
        const start = Math.max(first, limits[index - 1]?.endPfn ?? 0);
        const end = Math.min(last, endPfn);
        return {
            name,
            startPfn: start,
            spannedPages: end - start,
            presentPages: pagesWithin(frames, start, end),
        };
    })
        .filter((zone) => zone.presentPages > 0);
}
function pagesWithin(frames, start, end) {
    return frames.reduce((sum, range) => sum + Math.max(0, Math.min(end, range.end) - Math.max(start, range.start)), 0);
}
//# sourceMappingURL=page-frames.js.map