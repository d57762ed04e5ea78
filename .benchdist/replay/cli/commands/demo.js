/**
 * `vmsplit demo`, which is also `npm start`: the main job on three workloads, from recording to the table of what
 * differs and why.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { formatBytes, formatCount } from '../../index.js';
import { sizeText } from '../machine-options.js';
import { reproduceLine } from '../reproduce.js';
import { replayUnder } from '../run-replay.js';
import { demoText } from '../text/demo.js';
import { PACKAGE_FOLDER } from '../version.js';
import { addSeedOption, chooseWorkload } from '../workload-options.js';
import { CLASSIC_LAYOUTS } from './diff.js';
import { importTo } from './import.js';
import { recordWorkload } from './record.js';
/** The RAM is what the workload's own description speaks of. */
const SCENES = [
    { name: 'drivers', question: 'drivers want more vmalloc space than 3G/1G has', ram: 2n ** 30n },
    { name: 'highmem', question: 'the kernel wants more low memory than 3G/1G has', ram: 2n ** 32n },
    {
        name: 'ls-lR',
        question: 'every memory reference of a real `ls -lR` (valgrind --tool=lackey)',
        ram: 2n ** 30n,
        imports: join(PACKAGE_FOLDER, 'tests/fixtures/lackey/ls-lR.lackey.gz'),
    },
];
export function demoCommand(terminal) {
    const command = new Command('demo')
        .description('record two workloads, import a real trace, compare all under 3G/1G, 2G/2G and 64 bits')
        .option('-o, --output <folder>', 'where the traces go', 'out');
    return addSeedOption(command)
        .option('--json', 'the results as JSON')
        .action((given) => demo(terminal, given));
}
async function demo(terminal, given) {
    const { output, json } = given;
    await mkdir(output, { recursive: true });
    const scenes = SCENES.filter((scene) => isThere(terminal, scene));
    const played = [];
    for (const [i, scene] of scenes.entries()) {
        terminal.note(`${i + 1}/${scenes.length} ${scene.name}: ${scene.question}`);
        played.push(await play(terminal, scene, join(output, `${scene.name}.vmt`), given));
    }
    const seeds = given.seed === undefined ? [] : ['--seed', String(given.seed)];
    const reproduce = reproduceLine('demo', [...seeds, '-o', output]);
    if (json)
        terminal.printJson({ scenes: played, reproduce });
    else
        terminal.print(`${demoText(played, terminal)}\n\nreproduce: ${reproduce}`);
}
/** An installed package comes without the tests and their traces. */
function isThere(terminal, { name, imports }) {
    if (imports === undefined || existsSync(imports))
        return true;
    terminal.note(`${name}: left out, its recording ${imports} is not part of this installation`);
    return false;
}
async function play(terminal, scene, file, given) {
    const { name, question, ram, imports } = scene;
    const written = imports === undefined
        ? await recordWorkload(terminal, chooseWorkload(name, given), file)
        : (await importTo(terminal, imports, file)).written;
    terminal.signal.throwIfAborted();
    terminal.note(`    ${file}: ${formatCount(written.events)} events, ${formatBytes(written.bytes)}`);
    const { lanes, result } = await replayUnder(terminal, {
        what: file,
        given: { ram },
        layouts: CLASSIC_LAYOUTS,
    });
    terminal.signal.throwIfAborted();
    const seconds = (result.elapsedMs / 1000).toFixed(1);
    terminal.note(`    replayed under ${lanes.length} layouts in ${seconds} s`);
    return {
        name,
        question,
        written,
        result,
        reproduce: reproduceLine('diff', [file, '--ram', sizeText(ram)]),
    };
}
//# sourceMappingURL=demo.js.map