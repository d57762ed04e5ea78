/** Text as tools print it, and as it then goes wrong: lines lost, torn, doubled; words and numbers that nobody expects. */
import type { Prng } from '../../workloads/engine/prng.ts';
import { pick } from './fuzz.ts';

const WORDS = [
  ...[
    '0',
    '-1',
    '1',
    '4294967296',
    '9'.repeat(20),
    '9'.repeat(400),
    '0x',
    '0xffffffffffffffff',
    '0xfffffffffffffffff',
    '1e9',
  ],
  ...[
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'null',
    '(null)',
    '(ptrval)',
    '-',
    '=',
    ':',
  ],
  ...[
    '',
    ' ',
    '\t',
    '\r',
    '\0',
    '\u001b[2J',
    '\u00e9',
    '\ufffd',
    '[',
    ']',
    '(',
    '{',
    '"',
    '\\',
    '/',
    '...',
    '%',
    'kB',
    'pages=x',
  ],
  ...[' '.repeat(3000), 'a'.repeat(3000), '['.repeat(300), ','.repeat(300)],
];

export function mutatedText(random: Prng, text: string, other: string): string {
  let lines = text.split('\n');
  for (let left = random.range(1, 4); left > 0; left--)
    lines = mutatedLines(random, lines, other.split('\n'));
  const joined = lines.join(random.chance(1, 30) ? '\r\n' : '\n');
  return random.chance(1, 10) ? joined.slice(0, random.below(joined.length + 1)) : joined;
}

function mutatedLines(random: Prng, lines: string[], others: readonly string[]): string[] {
  if (lines.length === 0) return [pick(random, WORDS)];
  const at = random.below(lines.length);
  const line = lines[at]!;
  switch (random.below(10)) {
    case 0:
      return lines.toSpliced(at, random.range(1, 3));
    case 1:
      return lines.toSpliced(at, 0, line);
    case 2:
      return lines.toSpliced(at, 0, pick(random, others));
    case 3:
      return lines.toSpliced(at, 1, line.slice(0, random.below(line.length + 1)));
    case 4:
      return lines.toSpliced(at, 1, line + pick(random, WORDS));
    default:
      return lines.with(at, mutatedWords(random, line));
  }
}

/** A word, a number or what stands between them becomes another one, goes away, or is there twice. */
function mutatedWords(random: Prng, line: string): string {
  const words = line.split(/(\b)/);
  const at = random.below(words.length);
  switch (random.below(4)) {
    case 0:
      return words.toSpliced(at, 1).join('');
    case 1:
      return words.toSpliced(at, 0, words[random.below(words.length)]!).join('');
    default:
      return words.with(at, pick(random, WORDS)).join('');
  }
}

const VALUES: readonly unknown[] = [
  ...[
    0,
    1,
    -1,
    2,
    3,
    12,
    64,
    255,
    4096,
    65_535,
    2 ** 31,
    2 ** 32,
    2 ** 45,
    2 ** 53,
    0.5,
    1e300,
    null,
    true,
    false,
  ],
  ...[
    '',
    '0',
    '4G',
    '1',
    '0x1',
    '0xa0100000',
    '0xfffff000',
    '0xffffffffffffffff',
    '0x10000000000000000',
    '99999T',
    '-4K',
  ],
  ...['x', '__proto__', '\u001b[2J', [], {}, [0], [{}], { a: 1 }, { start: 0, end: 0 }],
];

/** JSON with a value changed, removed, doubled or added somewhere, up to three times. */
export function mutatedJson(random: Prng, json: unknown): unknown {
  const copy = structuredClone(json);
  for (let left = random.range(1, 3); left > 0; left--) mutateIn(random, copy as Record<string, unknown>);
  return copy;
}

function mutateIn(random: Prng, container: Record<string, unknown>): void {
  const keys = Object.keys(container);
  if (keys.length === 0) return;
  const key = pick(random, keys);
  const value = container[key];
  if (typeof value === 'object' && value !== null && !random.chance(1, 8)) {
    mutateIn(random, value as Record<string, unknown>);
    return;
  }
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
      break;
    case 1:
      container[pick(random, ['x', 'name', 'end', 'kernel', key])] = structuredClone(value);
      break;
    case 2:
    case 3:
      container[key] = moved(random, value);
      break;
    default:
      container[key] = structuredClone(pick(random, VALUES));
  }
}

/** An address or number near the one that was there. */
function moved(random: Prng, value: unknown): unknown {
  if (typeof value === 'number') return value + random.range(-2, 2);
  if (typeof value !== 'string' || !/^0x[0-9a-f]+$/.test(value)) return value;
  const shift = BigInt(random.below(33));
  const sum = BigInt(value) + (random.chance(1, 2) ? 1n << shift : -(1n << shift));
  return `0x${(sum < 0n ? 0n : sum).toString(16)}`;
}
