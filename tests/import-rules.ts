/**
 * What may import what, for dependency-cruiser (architecture.test.ts runs it over the compiled sources, from which imports
 * of types are gone). A rule says why it is there; a folder of core that is new has to be given a floor.
 */
import type { IForbiddenRuleType } from 'dependency-cruiser';

/** The floors of core, from the ground up: a folder imports those above it in this list, never those below. */
export const CORE_FLOORS = [
  'base',
  'event',
  'outcome',
  'arch',
  'kernel',
  'layout',
  'state',
  'tlb',
  'phys',
  'slab',
  'pages',
  'mm',
  'paging',
  'kmap',
  'kmem',
  'thp',
  'vm',
  'access',
  'dma',
  'reclaim',
  'machine',
  'boot',
  'fold',
  'check',
  'explain',
  'changes',
];

/** The top level, from the ground up; workloads and traces do not know each other. */
const DOWNWARDS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  workloads: ['core'],
  traces: ['core'],
  replay: ['core', 'workloads', 'traces'],
  bench: ['core', 'workloads', 'traces', 'replay'],
};

/** The one home of each package; one that is not listed must not be imported at all. */
export const HOMES = {
  immer: 'core/mm',
  'fastest-levenshtein': 'core/base',
  valibot: '(core/layout|replay/spec)',
  'pure-rand': 'workloads/engine',
  msgpackr: '(traces/vmt|bench/limit)',
  fzstd: 'traces/host',
  rxjs: 'replay/(run|page/engine)',
  'cli-table3': '(replay|bench)',
  filesize: 'replay/text',
  'string-width': 'replay/text',
  'wrap-ansi': 'replay/text',
  picocolors: 'replay',
  commander: '(replay/cli|bench)',
  'hyparquet-writer': 'replay/export/parquet',
  pbf: 'replay/export/perfetto',
  'cli-progress': 'replay/cli',
  shlex: 'replay/(spec|cli)',
  piscina: 'replay/node',
  bullmq: 'replay/node/fleet',
  ioredis: '(replay/node|bench)/fleet',
  aws4fetch: 'replay/node/fleet',
  tinybench: 'bench',
  'playwright-core': 'bench/page',
  flatqueue: 'bench/limit',
  tinyqueue: 'bench/limit',
  fastpriorityqueue: 'bench/limit',
  'heap-js': 'bench/limit',
  'lru.min': 'bench/limit',
  '@msgpack/msgpack': 'bench/limit',
};

/** Where Node is imported, beside the host of traces. */
const NODE = '(traces|replay)/node/|replay/cli/|bench/';

const others = (from: string, allowed: readonly string[]): string[] =>
  Object.keys(DOWNWARDS).filter((to) => to !== from && !allowed.includes(to));

const downwards: IForbiddenRuleType[] = Object.entries(DOWNWARDS).map(([from, allowed]) => ({
  name: `${from}-downwards`,
  comment: 'core knows nobody, workloads and traces know core, replay knows those, bench knows all',
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: `^(${others(from, allowed).join('|') || 'none'})/` },
}));

const floors: IForbiddenRuleType[] = CORE_FLOORS.slice(0, -1).map((floor, i) => ({
  name: `core-${floor}-downwards`,
  comment: 'a mechanism can be read and tested without those that are built on it',
  severity: 'error',
  from: { path: `^core/${floor}/` },
  to: { path: `^core/(${CORE_FLOORS.slice(i + 1).join('|')})/` },
}));

const homes: IForbiddenRuleType[] = Object.entries(HOMES).map(([name, home]) => ({
  name: `${name}-at-home`,
  comment: 'a package that is imported in one place can be replaced in one place',
  severity: 'error',
  from: { pathNot: `^${home}/` },
  to: { path: `^node_modules/${name}/` },
}));

/** The rules, for dependency-cruiser. */
export const FORBIDDEN: IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    comment: 'what needs each other cannot be read one after the other',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-folder-cycles',
    comment: 'folders are floors: each can be understood from those below it',
    severity: 'error',
    scope: 'folder',
    from: {},
    to: { circular: true },
  },
  {
    name: 'known-floor',
    comment: 'the list of floors is the architecture: a folder that is not in it has no place yet',
    severity: 'error',
    from: {},
    to: { path: '^core/[^/]+/', pathNot: `^core/(${CORE_FLOORS.join('|')})/` },
  },
  {
    name: 'no-unknown-package',
    comment: 'a package has one home, which is said above',
    severity: 'error',
    from: {},
    to: { path: '^node_modules/', pathNot: `^node_modules/(${Object.keys(HOMES).join('|')})/` },
  },
  {
    name: 'node-at-the-edges',
    comment:
      'all else runs in a browser too: files, processes and clocks are here, and what Node does faster in its host',
    severity: 'error',
    from: { pathNot: `^(${NODE}|traces/host/node\\.)` },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'nobody-needs-the-edges',
    comment: 'what runs in a browser must not come to Node by others; the two faces of the package show them',
    severity: 'error',
    from: { path: '^(core|workloads|traces|replay)/', pathNot: `^(${NODE}|replay/(index|vmsplit)\\.)` },
    to: { path: `^(${NODE})` },
  },
  {
    name: 'one-host',
    comment: 'a build for browsers puts browser.ts there, and nobody notices',
    severity: 'error',
    from: { pathNot: '^traces/host/' },
    to: { path: '^traces/host/', pathNot: '^traces/host/index\\.' },
  },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ...downwards,
  ...floors,
  ...homes,
];
