/**
 * Over every captured strace: all lines and events accounted for, replays in which nothing fails, and address spaces
 * as large as a naive model of the log says, of each process when it ends and wherever the log is cut.
 */
import { describe, expect, test } from 'vitest';
import { type Batch, eventsOf, rebatch } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { PLACE_MASK, PLACE_MMAP } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { importText, STRACES, sum } from '../../captures/program-traces.ts';
import { naiveSpaces } from '../../models/naive-strace.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { expectConservation, replay } from '../../support/laws.ts';
import { bootedOnce } from '../../support/rows.ts';
import { rowsOf } from '../support.ts';

const LAYOUTS = (
  [
    ['linux-x86_64', 1024],
    ['linux-3g1g', 1024],
  ] as const
).slice(0, atDepth({ quick: 1, full: 2 }));
const PAGE = 4096;
/** Of half a log: what an event may fail with. */
const HARM: ReadonlySet<string> = new Set(['mremap: no-mapping', 'mprotect: no-object']);

test('there are captures', () => {
  expect(STRACES.length).toBeGreaterThanOrEqual(6);
});

describe.each(STRACES.filter((_, i) => FULL || i % 2 === 0))('$name', (trace) => {
  const text = Buffer.from(trace.text()).toString('latin1');
  const lines = text.split('\n').length - 1;
  const imported = importText(text);

  test('every line and every event is accounted for', async () => {
    const { result, batches } = await imported;
    expect(result).toMatchObject({ format: 'strace', lines, warnings: [] });
    expect(result.lines).toBe(result.eventLines + sum(result.ignored));
    expect(result.events).toBe(result.eventLines + sum(result.implied));
    expect(result.events).toBe(batches.reduce((events, { count }) => events + count, 0));
  });

  test('the rules apply as often as they do when counted by hand', async () => {
    const { result, batches } = await imported;
    const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
    const kinds = batches.flatMap((batch) => [...eventsOf(batch)].map(({ kind }) => kind));
    expect({ 'first half of a call': 0, ...result.ignored }).toMatchObject({
      'first half of a call': count(/<unfinished \.\.\.>$|\(.*strace: Process \d+ attached$/gm),
      'exit: the line with +++ says it': count(
        / exit(?:_group)?\(.*= \?$|<\.\.\. exit(?:_group)? resumed>/gm,
      ),
    });
    expect(kinds.filter((kind) => kind === 'exit')).toHaveLength(count(/\+\+\+$/gm));
    expect(kinds.filter((kind) => kind === 'exec')).toHaveLength(count(/\bexecve(\(| resumed>).* = 0$/gm));
    expect(result.processes).toBe(count(/(fork|clone3?)(\(| resumed>).* = \d+$|^, child_tid.* = \d+$/gm) + 1);
  });

  test('blocks of any size give the same events', async () => {
    const other = await importText(text, 1_009);
    expect(other.result).toEqual((await imported).result);
    expect(rowsOf(other.batches)).toEqual(rowsOf((await imported).batches));
  });

  test.each(LAYOUTS)('under %s nothing fails, and every machine is whole', async (layout, mib) => {
    const { batches } = await imported;
    expect(failures(layout, mib, batches)).toEqual([]);
    expectConservation(bootedOnce(layout, mib), batches, 100);
    expect(replay(bootedOnce(layout, mib), batches, 7).outcomes).toBe(
      replay(bootedOnce(layout, mib), batches, 1_000).outcomes,
    );
  });

  test('of lines that are missing little harm comes: a mremap fails where an mprotect before it is missing, and what is mapped into a hole may find it taken', async () => {
    for (const every of atDepth({ quick: [3, 11], full: [2, 3, 5, 11, 23] })) {
      const rest = text.split('\n').filter((_, i) => (i * 7 + every) % every !== 0);
      const { result, batches } = await importText(`${rest.join('\n')}\n`);
      expect(result.lines).toBe(result.eventLines + sum(result.ignored));
      const failed = failures('linux-x86_64', 1024, batches);
      expect(failed.filter((failure) => !HARM.has(failure))).toEqual([]);
    }
  });

  test.each(LAYOUTS)(
    'under %s each process has as much mapped as the log says when it ends',
    async (layout, mib) => {
      const { batches } = await imported;
      const { atExit } = naiveSpaces(text);
      expect(atExit.length).toBeGreaterThan(0);
      expect(bytesAtExits(bootedOnce(layout, mib), batches)).toEqual(atExit);
    },
  );

  test('wherever the log is cut, who is alive has as much mapped', async () => {
    const count = atDepth({ quick: 2, full: 8 });
    const cuts = Array.from({ length: count }, (_, i) => Math.ceil(((i + 1) * lines) / (count + 1)));
    for (const cut of cuts) {
      const { batches } = await importText(`${text.split('\n').slice(0, cut).join('\n')}\n`);
      const { alive } = naiveSpaces(text, cut);
      for (const [layout, mib] of LAYOUTS) {
        const { machine } = replay(bootedOnce(layout, mib), batches, 1_000);
        expect(bytesByPid(machine, batches), `${layout}, after ${cut} lines`).toEqual(alive);
      }
    }
  });
});

function failures(layout: string, mib: number, batches: readonly Batch[]): string[] {
  let machine = bootedOnce(layout, mib);
  return batches.flatMap((batch) => {
    const folded = fold(machine, batch);
    machine = folded.machine;
    return [...eventsOf(batch)].flatMap((event, i) =>
      folded.outcomes.status[i] === 0 ? [] : [`${event.kind}: ${STATUSES[folded.outcomes.status[i]!]!.name}`],
    );
  });
}

/** Objects that execve makes and no line shows: the naive model knows nothing of them. */
function hiddenObjects(batches: readonly Batch[]): Set<number> {
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  const hidden = events.filter((event) => event.kind === 'mmap' && (event.flags & PLACE_MASK) !== PLACE_MMAP);
  return new Set(hidden.map((event) => ('object' in event ? event.object : 0)));
}

function bytesOf(machine: Machine, pid: number, hidden: ReadonlySet<number>): number {
  const { processes, mms } = machine.records;
  const shown = mms[processes[pid]!.mm]!.vmas.toArray().filter(({ object }) => !hidden.has(object));
  return shown.reduce((bytes, { nrPages }) => bytes + nrPages * PAGE, 0);
}

function bytesByPid(machine: Machine, batches: readonly Batch[]): Map<number, number> {
  const hidden = hiddenObjects(batches);
  const pids = Object.keys(machine.records.processes).map(Number);
  return new Map(pids.map((pid) => [pid, bytesOf(machine, pid, hidden)]));
}

/** What the process that ends has mapped just before, for each exit. */
function bytesAtExits(start: Machine, batches: readonly Batch[]): number[] {
  const hidden = hiddenObjects(batches);
  let machine = start;
  let running = 0;
  const found: number[] = [];
  for (const one of rebatch(batches, 1)) {
    if (one.kind[0] === EVENT_KINDS.switch.code) running = one.object[0]!;
    if (one.kind[0] === EVENT_KINDS.exit.code) found.push(bytesOf(machine, running, hidden));
    machine = fold(machine, one).machine;
  }
  return found;
}
