/** The walk on the page: the numbers of explain, drawn; and from there to the frames that it goes through. */
import { describe, expect } from 'vitest';
import { FULL } from '../../../support/depth.ts';
import { json, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';

const LAYOUTS = ['linux-3g1g', 'linux-x86_64'];
const RUN = `workload:prefork --events 5000 --layouts ${LAYOUTS.join(',')}`;
const EVENT = 4000;

interface Explained {
  readonly split: readonly { readonly name: string; readonly bits: number }[];
  readonly walk: readonly { readonly level: string; readonly index: number; readonly entry: string }[];
}

describe('an address', () => {
  pageTest('in every lane: its bits, and each entry that is read', async ({ goOn }) => {
    const selected = '0xc1234567';
    const shown = await goOn(RUN, { fragment: `#event=${EVENT}&select=address:${selected}` });
    await shown.passed();
    const pane = await shown.pane('Walk');
    const lanes = pane.locator('section.walk-lane');
    const section = lanes.nth(0);
    const line = `explain ${selected} --trace workload:prefork --layout ${LAYOUTS[0]} --event ${EVENT} --json`;
    const { explanations } = json(await vmsplit(line)) as { explanations: Explained[] };
    const { split, walk } = explanations[0]!;
    const fields = section.getByRole('list', { name: 'The address in bits' }).getByRole('listitem');
    await fields.first().waitFor();
    expect(await fields.count()).toBe(split.length);
    const bits = await fields.locator('.walk-binary').allTextContents();
    expect(bits.join('')).toBe(Number(selected).toString(2));
    for (const { level, index, entry } of walk) {
      const table = section.getByRole('region', { name: `Table ${level}` });
      await table.getByText(`[${index}] 0x${BigInt(entry).toString(16)}`).waitFor();
    }
    await section.getByRole('region', { name: 'Page' }).getByText('0x01234567').waitFor();
    // Under 64 bits that number is of user space, where nothing is mapped.
    await lanes.nth(1).getByRole('region', { name: 'Not mapped' }).waitFor();
  });

  pageTest.runIf(FULL)('its tables are frames that can be picked', async ({ goOn }) => {
    const shown = await goOn(RUN, { fragment: `#event=${EVENT}&select=address:0xc1234567` });
    await shown.passed();
    const pane = await shown.pane('Walk');
    const link = pane.getByRole('region', { name: 'Table pgd' }).first().getByRole('button');
    const frame = (await link.textContent())!.replace('frame ', '');
    await link.click();
    await shown.page.getByRole('region', { name: 'Selected' }).getByText(`frame:${frame}`).first().waitFor();
  });

  pageTest.runIf(FULL)('and the page above it', async ({ goOn }) => {
    const shown = await goOn(RUN, { fragment: `#event=${EVENT}&select=address:0xc1234567` });
    await shown.passed();
    const pane = await shown.pane('Walk');
    await pane.getByRole('button', { name: 'A page up' }).first().click();
    await pane.getByText('0xc1235567').first().waitFor();
  });
});

pageTest.runIf(FULL)('which TLBs have the page, and where a walk would begin', async ({ goOn }) => {
  // An access: the page that it used is in the TLBs of its cpu then.
  const line = `explain --trace workload:prefork --event ${EVENT} --layout ${LAYOUTS[0]} --caches --json`;
  const { told } = json(await vmsplit(line)) as { told: { explanation: Cached }[] };
  const { address, pid, caches } = told[0]!.explanation;
  const [{ cpu, tlbs, walkCache }] = caches as [Cached['caches'][number]];
  const shown = await goOn(RUN, { fragment: `#event=${EVENT + 1}&select=address:${address}@${pid}` });
  await shown.passed();
  const pane = await shown.pane('Walk');
  const row = pane.getByRole('row', { name: `cpu ${cpu}` }).first();
  await row.getByText('a walk would read 1 entry, from pte on').waitFor();
  const hits = await row.locator('.walk-hit').allTextContents();
  expect(hits).toEqual([...tlbs, walkCache].map((name) => `✓ ${name}`));
});

interface Cached {
  readonly address: string;
  readonly pid: number;
  readonly caches: readonly {
    readonly cpu: number;
    readonly tlbs: readonly string[];
    readonly walkCache: string;
  }[];
}

pageTest.runIf(FULL)('without something that is picked it says what to do', async ({ goOn }) => {
  const shown = await goOn(RUN);
  await shown.passed();
  const pane = await shown.pane('Walk');
  await pane.getByText(/^Nothing is picked/).waitFor();
});
