/** A log, a failure report, /proc files or a capture on the page: what `advise` and `layouts --memory-map` tell. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PageAdvice } from '../../../../replay/page/engine/advise-files.ts';
import type { DroppedFile } from '../../../../replay/page/engine/work.ts';
import { atDepth, LONG } from '../../../support/depth.ts';
import { json, temporaryFolder, vmsplit } from '../../cli/vmsplit.ts';
import { bytesOf, dropped, droppedText, idleSession, listener } from './dropped.ts';

interface Report {
  readonly id: string;
  readonly log: readonly string[];
}

const REPORTS = ['reports.json', 'grammar.json'].flatMap(
  (file) => JSON.parse(readFileSync(join('tests/fixtures/reports', file), 'utf8')) as Report[],
);
/** Of a window, of addresses of devices, of bounce buffers, of memory in pieces; the others replay for seconds each. */
const USUAL = [
  'arm-module-window-5.4',
  'i386-vmap-3.x',
  'arm-3.2-dma-remap',
  'x86_64-3.16-swiotlb',
  'arm-4.4-order4-cma',
];
const BOOT_LOG = 'tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz';

/** 1 GiB under 3G/1G. */
const VMAP = [
  'vmap allocation for size 37806080 failed: use vmalloc=<size> to increase size.',
  '262000 pages RAM',
  '34710 pages HighMem/MovableOnly',
  '',
].join('\n');

async function advice(files: readonly DroppedFile[]): Promise<PageAdvice> {
  const brought = await idleSession().bring(files, listener());
  return brought.what === 'advice' ? brought.advice : expect.fail('no advice');
}

/** The same by the command line, paths as the page has them. */
async function told(name: string, text: string | Uint8Array): Promise<unknown> {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  const { out } = await vmsplit(`advise ${file} --json`);
  return JSON.parse(out.replaceAll(file, name));
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('advice', () => {
  const usual = USUAL.slice(0, atDepth({ quick: 2, full: USUAL.length }));
  it.each(LONG ? REPORTS.map(({ id }) => id) : usual)('is that of the command line: %s', async (id) => {
    const log = `${REPORTS.find((one) => one.id === id)!.log.join('\n')}\n`;
    const page = await advice([droppedText('dmesg.txt', log)]);
    expect(plain(page.advice)).toEqual(await told('dmesg.txt', log));
  });

  it('opens the state that `advise -o` writes, under its machine and the cures', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'dmesg.txt'), VMAP);
    await vmsplit(`advise ${join(folder, 'dmesg.txt')} -o ${join(folder, 'board.vmt')}`);
    const page = await advice([droppedText('dmesg.txt', VMAP)]);
    const run = page.stateRun!;
    expect(await bytesOf((run.trace as { blob: Blob }).blob)).toEqual(
      readFileSync(join(folder, 'board.vmt')),
    );
    const { lanes, name } = await idleSession().open(run, listener());
    expect(name).toBe('board.vmt');
    const cures = page.advice.cures.flatMap((cure) => ('lane' in cure ? [cure.lane] : []));
    expect(lanes.slice(1).map(({ text }) => text)).toEqual(cures.slice(0, 2));
  });

  it('of a boot log tells the machine with its lines, as layouts does, and opens a workload on it', async () => {
    const page = await advice([dropped(BOOT_LOG, 'dmesg.gz')]);
    const log = json(await vmsplit(`layouts --memory-map ${BOOT_LOG} --json`)) as {
      findings: { line: number; what: string; value: string }[];
      contradictions: string[];
      layout: { name: string };
    };
    const [machine] = page.machines;
    expect(machine!.rows.filter(({ line }) => line !== undefined)).toEqual(plain(log.findings));
    expect([machine!.layout, machine!.contradictions]).toEqual(['linux-3g1g-pae', log.contradictions]);
    expect(page.stateRun).toBeUndefined();
    const [lane] = (await idleSession().open(page.machineRun!, listener())).lanes;
    expect(lane).toMatchObject({ layout: 'linux-3g1g-pae' });
  });

  it('leaves a recording beside a log to be opened by its own', async () => {
    const page = await advice([
      droppedText('dmesg.txt', VMAP),
      dropped('tests/fixtures/kernel/oddcomm/trace.txt.gz'),
    ]);
    expect(page.recording).toEqual({ lanes: undefined });
    expect(page.advice.notes).toContainEqual(expect.stringContaining('trace.txt.gz: not looked into'));
  });

  it('says what is missing of /proc files alone', async () => {
    const page = await advice([dropped('tests/fixtures/kernel/oddcomm/zoneinfo.before', 'zoneinfo')]);
    expect(page.advice.verdict).toBeNull();
    expect(page.advice.missing.map(({ what }) => what)).toContain('the log of the failure');
  });

  it('ends when it is to', async () => {
    const session = idleSession();
    const end = listener(() => session.cancel());
    await expect(session.bring([droppedText('dmesg.txt', VMAP)], end)).rejects.toThrow(/abort/);
  });
});
