#!/usr/bin/env node
/** The process around the benchmarks: `npm run bench`. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), process);
