/** A sweep as one HTML page: a chart of lines for each figure, with its numbers in a table, without scripts. */
import { figureText } from './figures.ts';
import type { Plot, PlotPoint, Series } from './plot.ts';

const [WIDTH, HEIGHT] = [720, 320];
const MARGIN = { left: 80, right: 16, top: 12, bottom: 40 };
const NR_TICKS = 5;
/** Told apart with all kinds of colour vision (Okabe and Ito, "Color Universal Design", 2008), and by dashes. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const DASHES = ['', '6 3', '2 3', '8 3 2 3'];

const STYLE = `body{font:15px/1.4 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h2{font-size:1.05em;margin:2em 0 .3em}svg{width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#333}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.15em .8em .15em 0;text-align:right}
th{font-weight:600}td:first-child,th:first-child{text-align:left}code{font-size:13px;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}text{fill:#ccc}}`;

/** `about`: lines below the charts. */
export function plotPage(title: string, plots: readonly Plot[], about: readonly string[]): string {
  const charts = plots.map((plot) => sectionOf(plot)).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
${charts}
${about.map((line) => `<p><code>${escaped(line)}</code></p>`).join('\n')}
</body></html>
`;
}

function sectionOf(plot: Plot): string {
  const { figure } = plot;
  const heading = `${figure.name}: ${figure.doc}`;
  return `<h2>${escaped(heading)}</h2>
${chartOf(plot, heading)}
<details><summary>numbers</summary>${numbersOf(plot)}</details>`;
}

interface Scale {
  x(point: PlotPoint): number;
  y(value: number): number;
}

function chartOf(plot: Plot, heading: string): string {
  const { figure, key = 'point', series } = plot;
  const points = series.flatMap((one) => one.points);
  const most = Math.max(...points.map(({ y }) => y), 0) || 1;
  const scale = scaleOf(points, most);
  const ticks = Array.from({ length: NR_TICKS + 1 }, (_, i) => (most * i) / NR_TICKS);
  const xs = [...new Map(points.map((point) => [point.x, point])).values()];
  const every = Math.ceil(xs.length / 12);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(heading)}">
${ticks
  .map((value) => {
    const y = scale.y(value).toFixed(1);
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#8884"/><text x="${MARGIN.left - 8}" y="${y}" dy=".32em" text-anchor="end">${escaped(figureText(figure, tickValue(value, most)))}</text>`;
  })
  .join('\n')}
${xs
  .filter((_, i) => i % every === 0)
  .map(
    (point) =>
      `<text x="${scale.x(point).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${escaped(point.xText)}</text>`,
  )
  .join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escaped(key)}</text>
${series.map((one, i) => lineOf(one, i, scale)).join('\n')}
</svg>
${legendOf(series)}`;
}

/** Whole where the figures are. */
function tickValue(value: number, most: number): number {
  return most >= NR_TICKS ? Math.round(value) : value;
}

/** Doubling values stand at equal distances. */
function scaleOf(points: readonly PlotPoint[], most: number): Scale {
  const values = points.map(({ x }) => x);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isWide = low > 0 && high / low >= 8;
  const place = isWide ? Math.log2 : (x: number) => x;
  const span = place(high) - place(low) || 1;
  const width = WIDTH - MARGIN.left - MARGIN.right;
  const height = HEIGHT - MARGIN.top - MARGIN.bottom;
  return {
    x: ({ x }) => MARGIN.left + 20 + ((place(x) - place(low)) / span) * (width - 40),
    y: (value) => MARGIN.top + height * (1 - value / most),
  };
}

function lineOf({ label, points }: Series, i: number, scale: Scale): string {
  const at = points.map((point) => `${scale.x(point).toFixed(1)},${scale.y(point.y).toFixed(1)}`);
  const dots = points.map(
    (point, k) =>
      `<circle cx="${at[k]!.split(',')[0]}" cy="${at[k]!.split(',')[1]}" r="3" fill="${colour(i)}"><title>${escaped(`${label} ${point.xText}: ${point.y}`)}</title></circle>`,
  );
  return `<polyline points="${at.join(' ')}" fill="none" stroke="${colour(i)}" stroke-width="2" stroke-dasharray="${dash(i)}"/>${dots.join('')}`;
}

function legendOf(series: readonly Series[]): string {
  if (series.length === 1 && series[0]!.label === '') return '';
  const entries = series.map(
    ({ label }, i) =>
      `<span style="white-space:nowrap;margin-right:1.2em"><svg viewBox="0 0 24 8" style="width:24px;height:8px" aria-hidden="true"><line x1="0" x2="24" y1="4" y2="4" stroke="${colour(i)}" stroke-width="3" stroke-dasharray="${dash(i)}"/></svg> ${escaped(label)}</span>`,
  );
  return `<p>${entries.join(' ')}</p>`;
}

const colour = (i: number): string => COLOURS[i % COLOURS.length]!;
const dash = (i: number): string => DASHES[Math.floor(i / COLOURS.length) % DASHES.length]!;

function numbersOf({ figure, key = 'point', series }: Plot): string {
  const rows = series.flatMap(({ label, points }) =>
    points.map(
      ({ xText, y }) =>
        `<tr><td>${escaped(label)}</td><td>${escaped(xText)}</td><td>${escaped(figureText(figure, y))}</td></tr>`,
    ),
  );
  return `<table><tr><th></th><th>${escaped(key)}</th><th>${escaped(figure.name)}</th></tr>${rows.join('')}</table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
