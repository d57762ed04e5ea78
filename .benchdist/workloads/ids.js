/**
 * Numbers for things that come and go: 1, 2, 3, ... Those of the dead are given out again first, so that numbers
 * stay small: the machine's tables are indexed by them.
 */
export class IdPool {
    free = [];
    highest = 0;
    take() {
        return this.free.pop() ?? ++this.highest;
    }
    give(id) {
        this.free.push(id);
    }
}
//# sourceMappingURL=ids.js.map