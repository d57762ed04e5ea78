import { pteFrame } from './pte.js';
import { entryRow } from './tables.js';
/** Calls `visit` with every last-level entry of a process that is in use, ascending. */
export function forEachUserPage(machine, root, visit) {
    const { mmu } = machine.platform;
    const last = mmu.levels.length - 1;
    const visitTable = (table, level, firstVpn) => {
        const { span, mask } = mmu.levels[level];
        for (let index = 0; index <= mask; index++) {
            const vpn = firstVpn + index * span;
            const entry = machine.ptes.get(entryRow(mmu, table, vpn, level), 0);
            if (entry === 0)
                continue;
            if (level === last)
                visit(vpn, entry);
            else
                visitTable(pteFrame(entry), level + 1, vpn);
        }
    };
    visitTable(root, 0, 0);
}
//# sourceMappingURL=user-pages.js.map