/** Learning on the page: the quiz, with and without a run, and the worked examples as tours. */
import { pathToFileURL } from 'node:url';
import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { type Question, quizOf } from '../../../../replay/quiz/index.ts';
import { EXAMPLES } from '../../../../workloads/index.ts';
import { builtPage } from '../../../support/build.ts';
import { FULL, LONG } from '../../../support/depth.ts';
import { pageTest } from './support/page-test.ts';
import type { ShownPage } from './support/shown-page.ts';

const START = (): string => pathToFileURL(builtPage()).href;
const SEED = 1;

/** What the command line asks too. */
const asked = (number: number): Question => quizOf({ seed: SEED }).question(number);

/** Field by field, as they come. */
async function fill(fields: Locator, { parts }: Question, answers: readonly string[]): Promise<void> {
  for (const [i, answer] of answers.entries()) {
    const field = fields.nth(i);
    if (parts[i]!.answer.form === 'choice') await field.selectOption(answer);
    else await field.fill(answer);
  }
}

async function quiz(shown: ShownPage) {
  const region = shown.page.getByRole('region', { name: 'Quiz', exact: true });
  await region.getByRole('heading', { level: 2 }).waitFor();
  return {
    region,
    fields: region.locator('.quiz-part').locator('input, select'),
    score: region.getByRole('status'),
    button: (name: string) => region.getByRole('button', { name, exact: true }),
  };
}

describe('the quiz', () => {
  pageTest('asks what the command line asks, and tells right from wrong', async ({ open }) => {
    const shown = await open(START());
    await shown.page.getByRole('button', { name: /^quiz/ }).click();
    const { region, fields, score, button } = await quiz(shown);
    const question = asked(1);
    const { title, machine, parts } = question;
    await region.getByRole('heading', { name: `1. ${title}` }).waitFor();
    await region.getByText(`On ${machine}`).waitFor();
    await fill(fields, question, ['bus', 'bus']);
    await button('Check').click();
    expect(await region.getByText('✗ not so').count()).toBe(1);
    expect(await region.getByText('✓ right').count()).toBe(1);
    await fill(fields, question, [parts[0]!.expected]);
    await button('Check').click();
    expect(await region.getByText('✓ right').count()).toBe(2);
    expect(await score.innerText()).toBe('1 of 2 right at the first try');
    await button('Solution').click();
    await region.getByRole('region', { name: 'Solution' }).waitFor();
    expect(await score.innerText()).toBe(`1 of ${parts.length} right at the first try`);
  });

  pageTest.runIf(FULL)('by keyboard alone: Enter checks, and goes on once all is right', async ({ open }) => {
    const shown = await open(START());
    await shown.page.getByRole('button', { name: /^quiz/ }).press('Enter');
    const { region, fields, score } = await quiz(shown);
    const question = asked(1);
    const { parts } = question;
    await fill(
      fields,
      question,
      parts.map(({ expected }) => expected),
    );
    await fields.last().press('Enter');
    expect(await score.innerText()).toBe(`${parts.length} of ${parts.length} right at the first try`);
    await shown.page.keyboard.press('Enter');
    await region.getByRole('heading', { name: `2. ${asked(2).title}` }).waitFor();
    expect(await shown.page.evaluate<string>('document.activeElement.textContent')).toContain('2. ');
  });

  pageTest.runIf(FULL)(
    'of a kind, about a machine, with a hint; what cannot be asked is told',
    async ({ open }) => {
      const shown = await open(START());
      await shown.page.getByRole('button', { name: /^quiz/ }).click();
      const { region, button } = await quiz(shown);
      await region.getByLabel('Questions').selectOption('tlb');
      await region.getByLabel('about').selectOption('ostep');
      await region.getByText('On ostep with 4.0 KiB of RAM').waitFor();
      await button('Hint').click();
      await region.getByText('the page is the address without its last 5 bits').waitFor();
      const command = 'vmsplit quiz --kind tlb --layout ostep --ram 4K --questions 1 --seed 1 -c';
      await region.getByText(command).waitFor();
      await region.getByLabel('Questions').selectOption('kmap');
      await region.getByText('quiz: found no question for ostep: kmap: it has no high memory').waitFor();
    },
  );

  pageTest.runIf(FULL)(
    'beside the views of a run it may be about the machines of the run',
    async ({ show }) => {
      const shown = await show('workload:drivers --events 2000 --layouts linux-3g1g:vmalloc=256M,linux-2g2g');
      await shown.passed();
      const pane = await shown.pane('Quiz');
      await pane.getByLabel('about').selectOption({ label: 'linux-3g1g vmalloc=256M' });
      await pane.getByText('On linux-3g1g:vmalloc=256M with 1.0 GiB of RAM').waitFor();
    },
  );

  pageTest.runIf(FULL)('for everybody: light and wide, dark and narrow', async ({ open }) => {
    const shown = await open(START());
    await shown.page.getByRole('button', { name: /^quiz/ }).click();
    const { region, button } = await quiz(shown);
    for (const { kind, title } of Array.from({ length: 7 }, (_, i) => asked(i + 1))) {
      await region.getByRole('heading', { name: title }).waitFor();
      await button('Check').click();
      await button('Solution').click();
      for (const [width, colorScheme, rules] of [
        [1280, 'light', undefined],
        [390, 'dark', ['color-contrast']],
      ] as const) {
        await shown.page.setViewportSize({ width, height: 900 });
        await shown.page.emulateMedia({ colorScheme });
        expect(await shown.barriers(rules), `${kind}, ${width} px`).toEqual([]);
        expect(await shown.scrollsSideways(), `${kind}, ${width} px`).toBe(false);
      }
      await button('Next question').click();
    }
  });
});

describe('a tour', () => {
  // Without a browser all of them are played, in tours.test.ts.
  const TOURS = EXAMPLES.filter((_, i) => i % (LONG ? 1 : 3) === 0);
  pageTest.runIf(FULL).for(TOURS.map(({ name }) => name))(
    '%s: scene by scene to its end',
    async (name, { open }) => {
      const shown = await open(START());
      await shown.page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
      const tour = shown.page.getByRole('region', { name: 'Tour' });
      await tour.waitFor();
      await shown.settled();
      const { scenes, doc } = EXAMPLES.find((example) => example.name === name)!;
      await tour.getByText(doc).waitFor();
      let first = 0;
      for (const [i, { says, events }] of scenes.entries()) {
        await tour.getByText(`${i + 1}. ${says}`).waitFor();
        expect(await shown.event()).toBe(first);
        await tour.getByRole('listitem').first().waitFor();
        expect(await tour.getByText('otherwise than in the example').count()).toBe(0);
        first += events.length;
        await shown.click('Next ▶');
      }
      expect(await shown.event()).toBe(first);
      await tour.getByText('the end', { exact: true }).waitFor();
    },
  );

  pageTest('goes by keys, follows the moment, and drives the views', async ({ open }) => {
    const shown = await open(START());
    await shown.page.getByRole('button', { name: /^user-touches-kernel/ }).click();
    const tour = shown.page.getByRole('region', { name: 'Tour' });
    await tour.getByText('scene 1 of 5').waitFor();
    await shown.press('n');
    await shown.press('n');
    await tour.getByText('scene 3 of 5').waitFor();
    const walk = shown.page.getByRole('tabpanel', { name: 'Walk' });
    await walk.getByText('0xc1004000').first().waitFor();
    expect(await shown.page.getByRole('tab', { name: 'Walk' }).getAttribute('aria-selected')).toBe('true');
    await shown.press('p');
    await tour.getByText('scene 2 of 5').waitFor();
    await shown.goTo(8);
    await tour.getByText('scene 4 of 5').waitFor();
    if (FULL) expect(await shown.barriers()).toEqual([]);
    await shown.click('Close the tour');
    expect(await tour.count()).toBe(0);
  });
});
