/**
 * The future: what is due, earliest first, and in order of arrival among things due at the same time. A heap
 * alone promises nothing about equals, and without that order two runs of one seed could differ.
 */
import TinyQueue from 'tinyqueue';
export class EventQueue {
    heap = new TinyQueue([], before);
    sequence = 0;
    get length() {
        return this.heap.length;
    }
    push(timeNs, item) {
        this.heap.push({ timeNs, sequence: this.sequence++, item });
    }
    pop() {
        return this.heap.pop();
    }
}
function before(a, b) {
    return a.timeNs - b.timeNs || a.sequence - b.sequence;
}
//# sourceMappingURL=queue.js.map