import { IMAGES, Program, SHARED_DATA, STACK_BYTES } from './program.js';
import { TOUCH_STRIDE, WaitQueue, WORD } from './task.js';
import { GIB, KIB, MIB } from './units.js';
import { defineWorkload } from './workload.js';
import { Zipf } from './zipf.js';
const OPTIONS = {
    backends: {
        default: 16,
        unit: 'processes',
        min: 1,
        max: 512,
        doc: 'connections at a time, a process each (assumed)',
    },
    transactions: {
        default: 500,
        unit: 'transactions',
        min: 1,
        max: 1e9,
        doc: 'mean length of a connection; exponential (assumed)',
    },
    bufferBytes: {
        default: 128 * MIB,
        unit: 'bytes',
        min: MIB,
        max: 3 * GIB,
        doc: 'buffer pool in shared memory (default of shared_buffers)',
    },
    tableBytes: {
        default: 512 * MIB,
        unit: 'bytes',
        min: MIB,
        max: 3 * GIB,
        doc: 'table on disk (assumed)',
    },
    theta: {
        default: 0.99,
        unit: '',
        min: 0,
        max: 2,
        doc: 'Zipf exponent of the popularity of table pages, scattered over the table (YCSB, Cooper et al. ' +
            '2010: 0.99; after Gray et al. 1994)',
    },
    updatePercent: {
        default: 20,
        unit: '%',
        min: 0,
        max: 100,
        doc: 'share of statements that write (assumed; YCSB has workloads of 50 % and of 5 %)',
    },
    statements: {
        default: 5,
        unit: 'statements',
        min: 1,
        max: 1000,
        doc: 'statements of a transaction (assumed)',
    },
    sortBytes: {
        default: 4 * MIB,
        unit: 'bytes',
        min: 64 * KIB,
        max: 1024 * MIB,
        doc: 'largest sort, in the heap (default of work_mem); sizes are log-uniform from 64 KiB (assumed)',
    },
    computeNs: {
        default: 10_000,
        unit: 'ns',
        min: 0,
        max: 1e9,
        doc: 'mean computing time of a statement; exponential (assumed)',
    },
    clientNs: {
        default: 2_000_000,
        unit: 'ns',
        min: 0,
        max: 1e9,
        doc: 'mean time that a client thinks between transactions; exponential (assumed)',
    },
};
/** BLCKSZ. */
const PAGE_BYTES = 8192;
/** Keys of a B-tree page and rows of a table page (assumed: 32-byte index tuples, 128-byte rows). */
const FANOUT = 256;
const ROWS = 64;
/** sizeof(BufferDescPadded): a cache line for each buffer. */
const DESCRIPTOR_BYTES = 64;
/** BM_MAX_USAGE_COUNT. */
const MAX_USAGE = 5;
/** Buffers of the log in shared memory (wal_buffers, at its upper limit). */
const LOG_BUFFER_BYTES = 16 * MIB;
/** wal_segment_size. */
const SEGMENT_BYTES = 16 * MIB;
/** Segments that are written in turn (assumed: max_wal_size of 128 MiB). */
const SEGMENTS = 8;
/** XLOG_BLCKSZ. */
const LOG_PAGE_BYTES = 8192;
/** Shortest and longest log record (assumed). */
const MIN_RECORD_BYTES = 64;
const MAX_RECORD_BYTES = 512;
/** Heap of a new backend: catalogue and plan caches (assumed). */
const HEAP_BYTES = MIB;
const MIN_SORT_BYTES = 64 * KIB;
/** Which table page is in which buffer, and which buffer goes next: the clock sweep of freelist.c. */
class BufferPool {
    buffers;
    /** By page: its buffer + 1; 0 = on disk only. */
    bufferOf;
    /** By buffer: its page + 1; 0 = empty. */
    pageIn;
    usage;
    hand = 0;
    constructor(buffers, pages) {
        this.buffers = buffers;
        this.bufferOf = new Uint32Array(pages);
        this.pageIn = new Uint32Array(buffers);
        this.usage = new Uint8Array(buffers);
    }
    /** The buffer that holds a page; -1 when none does. */
    lookup(page) {
        const buffer = this.bufferOf[page] - 1;
        if (buffer >= 0 && this.usage[buffer] < MAX_USAGE)
            this.usage[buffer]++;
        return buffer;
    }
    /** Gives a page the next buffer that has not been used for a while. */
    replace(page) {
        while (this.usage[this.hand] > 0) {
            this.usage[this.hand]--;
            this.hand = (this.hand + 1) % this.buffers;
        }
        const buffer = this.hand;
        this.hand = (this.hand + 1) % this.buffers;
        if (this.pageIn[buffer] !== 0)
            this.bufferOf[this.pageIn[buffer] - 1] = 0;
        this.pageIn[buffer] = page + 1;
        this.bufferOf[page] = buffer + 1;
        this.usage[buffer] = 1;
        return buffer;
    }
}
/** The write-ahead log: records go to a ring in shared memory, and from there to segment files. */
class Log {
    segments;
    /** Bytes written to the ring, and bytes of these that are in files. */
    written = 0;
    flushed = 0;
    constructor(segments) {
        this.segments = segments;
    }
    segmentAt(position) {
        return this.segments[Math.floor(position / SEGMENT_BYTES) % this.segments.length];
    }
}
/** What all backends share. The one shared mapping holds buffers, their descriptors, and the log's ring. */
class Server {
    options;
    program;
    pool;
    log;
    popularity;
    file;
    leafPages;
    innerPages;
    disconnects = new WaitQueue();
    backends = 0;
    /** Object number of the shared mapping. */
    shared = 0;
    constructor(engine, options) {
        const tablePages = Math.floor(options.tableBytes / PAGE_BYTES);
        this.options = options;
        this.program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc, IMAGES.libm, IMAGES.libz]);
        this.leafPages = Math.ceil((tablePages * ROWS) / FANOUT);
        this.innerPages = Math.ceil(this.leafPages / FANOUT);
        const pages = tablePages + this.leafPages + this.innerPages + 1;
        this.pool = new BufferPool(Math.floor(options.bufferBytes / PAGE_BYTES), pages);
        this.popularity = new Zipf(tablePages, options.theta);
        this.file = engine.file(pages * PAGE_BYTES);
        this.log = new Log(Array.from({ length: SEGMENTS }, () => engine.file(SEGMENT_BYTES)));
    }
    get descriptorsAt() {
        return this.pool.buffers * PAGE_BYTES;
    }
    get logAt() {
        return this.descriptorsAt + this.pool.buffers * DESCRIPTOR_BYTES;
    }
    get sharedBytes() {
        return this.logAt + LOG_BUFFER_BYTES;
    }
}
/** Makes the shared memory, then forks a backend for every client that connects. */
function* postmaster(self, server) {
    const loaded = server.program.load(self);
    self.brk(HEAP_BYTES);
    server.shared = self.mmap(server.sharedBytes, SHARED_DATA);
    for (;;) {
        while (server.backends < server.options.backends) {
            server.backends++;
            self.fork((child) => backend(child, server, loaded));
            yield 0;
        }
        yield server.disconnects;
    }
}
function* backend(self, server, loaded) {
    const { transactions, clientNs } = server.options;
    self.touchPages(self.heap, 0, HEAP_BYTES);
    for (let left = self.random.exponential(transactions); left >= 0; left--) {
        yield self.random.exponential(clientNs);
        yield* transaction(self, server, loaded);
    }
    server.backends--;
    server.disconnects.wakeOne(self);
}
function* transaction(self, server, loaded) {
    const { statements, updatePercent, computeNs } = server.options;
    let wrote = false;
    for (let n = 0; n < statements; n++) {
        runCode(self, loaded);
        const update = self.random.chance(updatePercent, 100);
        findRow(self, server, update);
        if (update)
            insertRecord(self, server);
        wrote ||= update;
        self.think(self.random.exponential(computeNs));
        yield 0;
    }
    if (self.random.chance(1, 20))
        sort(self, server.options.sortBytes);
    if (wrote)
        flushLog(self, server);
}
/** Parse and plan: instructions of the program and its libraries, a stack that grows and shrinks, cached plans. */
function runCode(self, loaded) {
    for (let call = 0; call < 3; call++) {
        self.execute(loaded.text, self.anyWord(loaded.textBytes));
        const library = self.random.pick(loaded.libraryTexts);
        self.execute(library.object, self.anyWord(library.bytes));
        self.write(loaded.stack, STACK_BYTES - 1024 - call * 512);
        self.read(self.heap, self.anyWord(HEAP_BYTES));
    }
}
/** Descends the B-tree (root, inner, leaf) to a row of the table. */
function findRow(self, server, update) {
    const { leafPages, innerPages } = server;
    const tablePage = server.popularity.scattered(self.random);
    const leaf = Math.floor((tablePage * ROWS) / FANOUT);
    const inner = Math.floor(leaf / FANOUT);
    searchPage(self, server, 0);
    searchPage(self, server, 1 + inner);
    searchPage(self, server, 1 + innerPages + leaf);
    const row = searchPage(self, server, 1 + innerPages + leafPages + tablePage);
    if (update)
        self.write(server.shared, row);
}
/** Pins a page, bringing it in if needed, and searches it by halves; the offset of what was found. */
function searchPage(self, server, page) {
    const cached = server.pool.lookup(page);
    const buffer = cached >= 0 ? cached : readPage(self, server, page);
    self.modify(server.shared, server.descriptorsAt + buffer * DESCRIPTOR_BYTES, 4);
    let offset = buffer * PAGE_BYTES;
    self.read(server.shared, offset);
    for (let half = PAGE_BYTES / 2; half >= PAGE_BYTES / 16; half /= 2) {
        if (self.random.chance(1, 2))
            offset += half;
        self.read(server.shared, offset);
    }
    return offset;
}
/** read() of a page into the buffer that the clock sweep gives. */
function readPage(self, server, page) {
    const buffer = server.pool.replace(page);
    const at = buffer * PAGE_BYTES;
    self.fileRead(server.file, page * PAGE_BYTES, PAGE_BYTES);
    self.touchPages(server.shared, at, at + PAGE_BYTES);
    return buffer;
}
/** Appends a record to the log's ring. */
function insertRecord(self, server) {
    const at = server.logAt + (server.log.written % LOG_BUFFER_BYTES);
    self.write(server.shared, at);
    server.log.written += self.random.range(MIN_RECORD_BYTES / WORD, MAX_RECORD_BYTES / WORD) * WORD;
}
/** Commit: writes the log's pages to its file; a segment that is full leaves the page cache (XLogFileClose). */
function flushLog(self, server) {
    const { log } = server;
    const end = Math.ceil(log.written / LOG_PAGE_BYTES) * LOG_PAGE_BYTES;
    for (let at = log.flushed - (log.flushed % LOG_PAGE_BYTES); at < end; at += LOG_PAGE_BYTES) {
        self.read(server.shared, server.logAt + (at % LOG_BUFFER_BYTES));
        self.fileRead(log.segmentAt(at), at % SEGMENT_BYTES, LOG_PAGE_BYTES);
        if ((at + LOG_PAGE_BYTES) % SEGMENT_BYTES === 0)
            self.fileDrop(log.segmentAt(at));
    }
    log.flushed = log.written;
}
/** Takes heap for a sort, fills it, and gives it back. */
function sort(self, maxBytes) {
    const before = self.heapBytes;
    const sizeBytes = self.random.logUniform(MIN_SORT_BYTES, maxBytes);
    self.brk(before + Math.ceil(sizeBytes / TOUCH_STRIDE) * TOUCH_STRIDE);
    self.touchPages(self.heap, before, self.heapBytes);
    self.brk(before);
}
export const database = defineWorkload({
    name: 'database',
    title: 'database server: backends around a shared buffer pool, with Zipf-distributed pages',
    doc: 'Backends descend a B-tree in a buffer pool that all of them map, read missing pages from a file, log ' +
        'updates, sort in their heaps, and come and go with the connections. Shows TLB reach, page tables for ' +
        'the same memory in every process, page cache, and heaps that grow and shrink.',
    defaultEvents: 500_000,
    options: OPTIONS,
    start(engine, options) {
        const server = new Server(engine, options);
        engine.startProcess((self) => postmaster(self, server));
    },
});
//# sourceMappingURL=database.js.map