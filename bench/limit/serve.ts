#!/usr/bin/env node
/** The process of one entrant: `serve.js ROW ENTRANT SEED TRACE`, as contestant.ts speaks with it. */
import { createInterface } from 'node:readline';
import { Inputs } from '../inputs/inputs.ts';
import { measure } from '../measure/measure.ts';
import { limitRows } from './rows/index.ts';

const [row, entrant, seed, trace] = process.argv.slice(2);
const { prepare } = limitRows()[Number(row)]!.entrants[Number(entrant)]!;
const trial = await prepare(new Inputs(Number(seed), trace));

console.log((await trial.check?.()) ?? '');
for await (const line of createInterface(process.stdin)) {
  const { cpuNsPerEvent, samples } = await measure(trial, Number(line), 'one turn');
  const units = samples * trial.events;
  console.log(`${units} ${Math.round(units * cpuNsPerEvent)}`);
}
