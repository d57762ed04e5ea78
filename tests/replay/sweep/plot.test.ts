/** Sweeps as pictures: what goes along the axis, how long bars are, and a page that is safe and whole. */
import { expect, it } from 'vitest';
import {
  type DonePoint,
  figuresNamed,
  plotPage,
  plotsOf,
  plotText,
  SWEEP_FIGURES,
} from '../../../replay/sweep/index.ts';

/** Points whose every figure has this value. */
function found(
  keys: readonly string[],
  rows: readonly (readonly [readonly (number | string)[], number | null])[],
) {
  const points = rows.map(([values, figure]) => ({
    settings: values.map((value, i) => ({ key: keys[i]!, text: String(value), value })),
    how: 'replay',
    values: SWEEP_FIGURES.map(() => figure),
  }));
  return { keys, points: points as unknown as DonePoint[] };
}

const WALKS = figuresNamed('walks');
const SIZES = found(
  ['entries', 'layout'],
  [
    [[128, 'a'], 40],
    [[64, 'a'], 80],
    [[64, 'b'], 20],
    [[256, 'a'], 0],
  ],
);

it('has a series for all that agree but in the key that is varied most', () => {
  const [plot] = plotsOf(SIZES, WALKS);
  expect(plot).toMatchObject({ key: 'entries' });
  expect(plot!.series.map(({ label, points }) => [label, points.map(({ x, y }) => [x, y])])).toEqual([
    [
      'layout=a',
      [
        [64, 80],
        [128, 40],
        [256, 0],
      ],
    ],
    ['layout=b', [[64, 20]]],
  ]);
});

it('numbers points where no key has numbers, and leaves out what is no number', () => {
  const [plot] = plotsOf(
    found(
      ['layout'],
      [
        [['a'], 1],
        [['b'], null],
        [['c'], 3],
      ],
    ),
    WALKS,
  );
  expect(plot).toMatchObject({
    key: undefined,
    series: [{ label: '', points: [{ xText: 'layout=a' }, { xText: 'layout=c' }] }],
  });
  expect(plotsOf(SIZES, figuresNamed('digest'))).toEqual([]);
});

it('draws bars in proportion, no wider than the terminal', () => {
  const lines = plotText(plotsOf(SIZES, WALKS), 60).split('\n');
  expect(lines[0]).toMatch(/^walks: .*, by entries$/);
  const bars = lines.slice(1).map((line) => [...line].filter((letter) => letter === '█').length);
  expect(bars).toEqual([41, 20, 0, 10]);
  for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(60);
});

it('makes a page of it, in which nothing is run or fetched', () => {
  const page = plotPage('a <b> & "c"', plotsOf(SIZES, WALKS), ['reproduce: x <y>']);
  expect(page).toContain('<title>a &#60;b&#62; &#38; &#34;c&#34;</title>');
  expect(page.match(/<circle/g)).toHaveLength(4);
  expect(page.match(/<polyline/g)).toHaveLength(2);
  expect(page).not.toMatch(/<script|https?:|<y>|NaN/);
  expect(plotPage('empty', [], [])).toContain('<h1>empty</h1>');
});
