/** The events that worked examples are written in, one short name each. */
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.js';
import { GFP_KERNEL } from '../../core/event/gfp.js';
import { WORD } from '../task.js';
export const spawn = (pid) => ({ kind: 'spawn', pid });
export const runs = (pid) => ({ kind: 'switch', pid });
export const mmap = (object, length, flags, file = 0) => ({
    kind: 'mmap',
    object,
    length,
    flags,
    file,
});
export const pageAlloc = (object, order, gfp) => ({
    kind: 'page_alloc',
    object,
    order,
    gfp,
});
export const kmalloc = (object, size, gfp = GFP_KERNEL) => ({
    kind: 'kmalloc',
    object,
    size,
    gfp,
});
const access = (object, offset, mode) => ({
    kind: 'access',
    object,
    offset,
    size: WORD,
    mode,
});
export const userRead = (object, offset = 0) => access(object, offset, READ);
export const userWrite = (object, offset = 0) => access(object, offset, WRITE);
export const userExecute = (object, offset = 0) => access(object, offset, EXECUTE);
export const kernelRead = (object, offset = 0) => access(object, offset, READ | KERNEL_MODE);
export const kernelWrite = (object, offset = 0) => access(object, offset, WRITE | KERNEL_MODE);
//# sourceMappingURL=facts.js.map