/** Numbers for objects; those of objects that are gone are used again, so that tables of them stay small. */
export class ObjectNumbers {
    free = [];
    last = 0;
    take() {
        return this.free.pop() ?? ++this.last;
    }
    release(object) {
        this.free.push(object);
    }
}
//# sourceMappingURL=object-numbers.js.map