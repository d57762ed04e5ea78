/**
 * One line of a kernel trace, read: what readKernelRecords hands out.
 *
 * `kind` is the tracepoint's own name (include/trace/events/kmem.h, vmalloc.h) where its fields are read, 'other'
 * for all further tracepoints, and a word of ours for lines that are no tracepoint. Fields have the units of the
 * kernel: pfn in pages, order log2 of pages, sizes in bytes. Pointers and addresses are their low 53 bits, which
 * a number holds exactly: they tell objects apart (hashed ones too), and are 0 for NULL only.
 */
/** The one object behind all records of a reader, filled anew for each line: fields of other kinds are stale. */
export class RecordSlot {
    kind = 'blank';
    line = 0;
    timeNs = 0;
    cpu = 0;
    pid = 0;
    pfn = 0;
    order = 0;
    migratetype = 0;
    gfp = 0;
    percpuRefill = 0;
    fallbackOrder = 0;
    pageblockOrder = 0;
    fallbackMigratetype = 0;
    fragmenting = 0;
    changeOwnership = 0;
    ptr = 0;
    bytesReq = 0;
    bytesAlloc = 0;
    cache = '';
    vaStart = 0;
    size = 0;
    align = 0;
    failed = 0;
    name = '';
    count = 0;
    entries = 0;
    written = 0;
    /** The texts stay bytes until somebody asks for them. */
    bytes = new Uint8Array(0);
    commStart = 0;
    commEnd = 0;
    textStart = 0;
    textEnd = 0;
    get comm() {
        return Buffer.from(this.bytes.subarray(this.commStart, this.commEnd)).toString().trimStart();
    }
    get text() {
        return Buffer.from(this.bytes.subarray(this.textStart, this.textEnd)).toString();
    }
}
//# sourceMappingURL=record.js.map