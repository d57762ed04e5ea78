import { atCommand } from './at.js';
import { demoCommand } from './demo.js';
import { diffCommand } from './diff.js';
import { exampleCommand } from './example.js';
import { explainCommand } from './explain.js';
import { importCommand } from './import.js';
import { infoCommand } from './info.js';
import { layoutsCommand } from './layouts.js';
import { recordCommand } from './record.js';
import { recoverCommand } from './recover.js';
import { replayCommand } from './replay.js';
import { verifyCommand } from './verify.js';
export const COMMANDS = [
    recordCommand,
    importCommand,
    infoCommand,
    recoverCommand,
    replayCommand,
    diffCommand,
    verifyCommand,
    layoutsCommand,
    explainCommand,
    atCommand,
    exampleCommand,
    demoCommand,
];
//# sourceMappingURL=index.js.map