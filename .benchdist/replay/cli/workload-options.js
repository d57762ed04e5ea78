import { DEFAULT_BATCH_SIZE } from '../../core/index.js';
import { workload } from '../../workloads/index.js';
import { ANY_COUNT, collect, wholeNumber } from './values.js';
/** Seeds are 32-bit words (workloads/prng.ts). */
const MOST_SEED = 2 ** 32 - 1;
const DEFAULT_SEED = 1;
/** The most events that a chunk of a trace holds. */
export const MOST_BATCH = 65_536;
export function addSeedOption(command) {
    return command.option('--seed <n>', `seed of all randomness (default: ${DEFAULT_SEED})`, wholeNumber(0, MOST_SEED));
}
export function addWorkloadOptions(command) {
    return addSeedOption(command)
        .option('--events <n>', 'number of events (default: as the workload suggests)', wholeNumber(1, ANY_COUNT))
        .option('--set <name=value>', 'an option of the workload, see `vmsplit record NAME --options`; repeatable', collect);
}
export function chooseWorkload(name, given) {
    const chosen = workload(name);
    const { seed = DEFAULT_SEED, events = chosen.defaultEvents, set = [] } = given;
    const settings = chosen.parse(set);
    const sets = Object.entries(settings).flatMap(([option, value]) => ['--set', `${option}=${value}`]);
    return {
        name,
        seed,
        events,
        options: { ...defaultsOf(chosen), ...settings },
        arguments: ['--seed', String(seed), '--events', String(events), ...sets],
        generate: (batchSize = DEFAULT_BATCH_SIZE) => chosen.generate(seed, settings, events, batchSize),
    };
}
function defaultsOf({ options }) {
    return Object.fromEntries(options.map((option) => [option.name, option.default]));
}
//# sourceMappingURL=workload-options.js.map