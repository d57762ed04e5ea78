/** What an event is about, for the reports of disagreements. */
export function hex(pfn) {
    return `pfn 0x${pfn.toString(16)}`;
}
//# sourceMappingURL=here.js.map