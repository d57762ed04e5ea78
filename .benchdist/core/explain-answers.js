/** What the kernel's own tests and conversions say of a virtual address, and whether they are right about it. */
import { isVmallocAddress, virtAddrValid, virtToPfn } from './convert.js';
import { pageAddressOf } from './convert-mapped.js';
import { toHex } from './layout/regions.js';
/** `frame`: the page that is mapped at the address, if any. */
export function answersOf(machine, address, region, frame) {
    const isLinear = region?.kind === 'direct' || region?.kind === 'kernel_image';
    const answers = [validity(machine, address, isLinear), vmallocTest(machine, address, region)];
    if (frame === undefined || frame.memory === 'device')
        return answers;
    return [...answers, structPage(machine, address, isLinear, frame), addressOfPage(machine, frame)];
}
function validity({ platform: { layout } }, address, isLinear) {
    const valid = virtAddrValid(layout, address);
    const name = 'virt_addr_valid';
    const answer = valid ? 'yes' : 'no';
    if (valid === isLinear)
        return { name, answer, right: true, reason: valid ? '__pa means something' : '__pa means nothing' };
    const reason = valid
        ? 'there is a frame of the number that __pa gives, though not this page'
        : 'there is no struct page for the frame';
    return { name, answer, right: false, reason };
}
function vmallocTest({ platform: { layout } }, address, region) {
    const inside = isVmallocAddress(layout, address);
    const right = inside === (region?.kind === 'vmalloc');
    const place = `${inside ? 'it lies' : 'it does not lie'} between VMALLOC_START and VMALLOC_END`;
    const reason = right ? place : 'VMALLOC_END is the last byte here';
    return { name: 'is_vmalloc_addr', answer: inside ? 'yes' : 'no', right, reason };
}
function structPage({ platform: { layout } }, address, isLinear, frame) {
    const pfn = virtToPfn(layout, address);
    const right = pfn === BigInt(frame.pfn);
    const reason = isLinear
        ? 'mem_map[__pa >> PAGE_SHIFT]'
        : 'only for the direct map; vmalloc_to_page() and kmap_to_page() look at the tables';
    return { name: 'virt_to_page', answer: `frame 0x${pfn.toString(16)}`, right, reason };
}
function addressOfPage(machine, { pfn, memory }) {
    const found = pageAddressOf(machine, pfn);
    const name = 'page_address';
    if (found === undefined)
        return { name, answer: 'NULL', right: true, reason: 'high memory without a kmap() has no address' };
    const reason = memory === 'high' ? 'the slot of its kmap()' : 'of this frame in the direct map';
    return { name, answer: toHex(machine.platform.layout, found), right: true, reason };
}
//# sourceMappingURL=explain-answers.js.map