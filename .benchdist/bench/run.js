#!/usr/bin/env node
/** The process around the benchmarks: `npm run bench`. */
import { main } from './main.js';
process.exitCode = await main(process.argv.slice(2), process);
//# sourceMappingURL=run.js.map