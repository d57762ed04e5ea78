/** The worked examples as tours, and the questions of the quiz, as the page's engine gives them. */
import { expect, test } from 'vitest';
import { Session } from '../../../../replay/page/engine/session.ts';
import { quizOf } from '../../../../replay/quiz/index.ts';
import { EXAMPLES } from '../../../../workloads/index.ts';
import { openPage } from './opened.ts';

const idle = (): Session =>
  new Session(
    () => expect.fail('no trace is asked for'),
    () => 0,
    '0.0.0',
  );

test.each(EXAMPLES.map(({ name }) => name))('%s comes out scene by scene as it says', async (name) => {
  const tour = (await idle().catalog()).examples.find((one) => one.name === name)!;
  const page = await openPage({ spec: tour.spec, files: {} });
  const end = tour.scenes.at(-1)!;
  expect(page.facts.events).toBe(end.first + end.count);
  for (const { first, count, becomes } of tour.scenes) {
    const rows = await page.session.rows(Array.from({ length: count }, (_, i) => first + i));
    expect(rows.map(({ outcomes }) => outcomes[0]!.status)).toEqual(Array(count).fill(becomes));
  }
});

test('a question is that of the command line, with no run open', async () => {
  const session = idle();
  for (const number of [1, 4, 2]) {
    const [asked] = [...quizOf({ seed: 5, questions: number }).questions].slice(-1);
    expect(await session.question({ seed: 5, number, kind: undefined, lane: undefined })).toEqual({
      question: asked,
      command: `vmsplit quiz --questions ${number} --seed 5 -c`,
    });
  }
});

test('of a machine with its own options, and of a toy, which has all the RAM that it has room for', async () => {
  const session = idle();
  const about = async (lane: string) =>
    (await session.question({ seed: 1, number: 1, kind: 'classify', lane })).question.machine;
  expect(await about('linux-3g1g:ram=2G:vmalloc=256M')).toBe('linux-3g1g:vmalloc=256M with 2.0 GiB of RAM');
  expect(await about('linux-2g2g')).toBe('linux-2g2g with 1.0 GiB of RAM');
  expect(await about('ostep')).toBe('ostep with 4.0 KiB of RAM');
  const { command } = await session.question({ seed: 1, number: 2, kind: 'tlb', lane: 'ostep' });
  expect(command).toBe('vmsplit quiz --kind tlb --layout ostep --ram 4K --questions 2 --seed 1 -c');
});

test('what cannot be asked is told in words', async () => {
  const asked = idle().question({ seed: 1, number: 1, kind: 'kmap', lane: 'linux-x86_64' });
  await expect(asked).rejects.toThrow(
    'quiz: found no question for linux-x86_64: kmap: it has no high memory',
  );
});
