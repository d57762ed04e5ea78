/** The commands that the page tells say in a terminal what the page says. */
import { beforeAll, describe, expect, it } from 'vitest';
import { KERNEL_FILES, type KernelFile } from '../../../../replay/page/models/kernel-file.ts';
import type { NextEvent } from '../../../../replay/page/models/next-event.ts';
import { vmsplit } from '../../cli/vmsplit.ts';
import { type OpenPage, openPage } from './opened.ts';

const EVENTS = 3000;
const AT = 1234;

let page: OpenPage;
beforeAll(async () => {
  const spec = {
    version: 1,
    events: { workload: 'prefork', events: EVENTS, seed: 7 },
    machine: { ram: '512M' },
    lanes: [{ layout: 'linux-3g1g' }, { layout: 'linux-x86_64', mmu: 'skylake,kpti=on' }],
  };
  page = await openPage({ spec: JSON.stringify(spec), files: {} });
});

/** What a command prints. */
async function said(command: string): Promise<string> {
  const { code, out } = await vmsplit(command.replace(/^vmsplit /, ''));
  expect(code).toBeLessThanOrEqual(1);
  return out;
}

describe('of /proc', () => {
  it.each(KERNEL_FILES.map(({ name }) => name))('%s is that of `at`', async (name) => {
    for (const lane of [0, 1]) {
      const params = { name, lane, pid: undefined };
      const { answers } = await page.moment({ event: AT, wanted: { file: { model: 'kernelFile', params } } });
      const { text, command } = (answers.file as { result: KernelFile }).result;
      expect(await said(command)).toBe(text);
    }
  });
});

it('an event is told by `explain` in every lane', async () => {
  const { answers } = await page.moment({
    event: AT,
    wanted: { next: { model: 'nextEvent', params: undefined } },
  });
  const next = (answers.next as { result: NextEvent }).result;
  const out = await said(next.command);
  expect(out).toContain(next.request);
  for (const { story } of next.lanes) expect(out.replace(/\s+/g, ' ')).toContain(story);
});

it('the verdict is that of `diff`', async () => {
  const { verdict, differences } = await page.passed();
  const { differences: found } = JSON.parse(await said(`${verdict.commands[0]} --json`)) as {
    differences: unknown;
  };
  expect(found).toEqual(JSON.parse(JSON.stringify(differences)));
});
