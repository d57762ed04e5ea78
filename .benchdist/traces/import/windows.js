import { EVENT_KINDS } from '../../core/event/kinds.js';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.js';
const WINDOW_SHIFT = 22;
export const WINDOW_BYTES = 1 << WINDOW_SHIFT;
/** Windows in 2^32 bytes. */
const WINDOWS_PER_HIGH_HALF = 2 ** (32 - WINDOW_SHIFT);
const PROTECTION = PROT_READ | PROT_WRITE | PROT_EXEC;
const NO_FILE = 0;
/** Recently used windows, by the low bits of their number: enough for the working set of most programs. */
const CACHE_SLOTS = 64;
export class AddressWindows {
    objects = new Map();
    cachedHigh = new Int32Array(CACHE_SLOTS);
    cachedWindow = new Int32Array(CACHE_SLOTS).fill(-1);
    cachedObject = new Uint32Array(CACHE_SLOTS);
    lastObject = 0;
    /** The address space is empty again; objects get new numbers. */
    clear() {
        this.objects.clear();
        this.cachedWindow.fill(-1);
    }
    /** The object at an address. When it is new, its mmap goes to the builder. */
    objectAt(high, low, builder) {
        const windowInHalf = low >>> WINDOW_SHIFT;
        const slot = windowInHalf % CACHE_SLOTS;
        if (this.cachedHigh[slot] !== high || this.cachedWindow[slot] !== windowInHalf) {
            this.cachedHigh[slot] = high;
            this.cachedWindow[slot] = windowInHalf;
            this.cachedObject[slot] = this.objectOf(windowNumber(high, low), builder);
        }
        return this.cachedObject[slot];
    }
    /** The object right behind the one at an address. */
    objectBehind(high, low, builder) {
        return this.objectOf(windowNumber(high, low) + 1, builder);
    }
    objectOf(window, builder) {
        return this.objects.get(window) ?? this.map(window, builder);
    }
    map(window, builder) {
        const object = ++this.lastObject;
        this.objects.set(window, object);
        builder.push(EVENT_KINDS.mmap.code, 0, 0, object, WINDOW_BYTES, PROTECTION, NO_FILE);
        return object;
    }
}
/** Below 2^42, which a number holds exactly. */
function windowNumber(high, low) {
    return (high >>> 0) * WINDOWS_PER_HIGH_HALF + (low >>> WINDOW_SHIFT);
}
/** Offset of an address in its window. */
export function windowOffset(low) {
    return low & (WINDOW_BYTES - 1);
}
//# sourceMappingURL=windows.js.map