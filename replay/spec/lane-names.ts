/** How lanes are called, by what differs between them, and lanes between which nothing does. */
import { UsageError } from '../../core/index.ts';
import { settingText } from './lane-text.ts';
import { givenOptions, type MachineSpec } from './machine-options.ts';
import { completeLane, DEFAULT_RAM, type LaneSpec } from './run-spec.ts';

/** `linux-3g1g`, `linux-3g1g vmalloc=256M`: the layout, then what a lane says of itself that not all others do too. */
export function laneNames(lanes: readonly LaneSpec[], layoutNames: readonly string[]): string[] {
  const names = lanes.map((lane, i) => [layoutNames[i]!, ...ownSettings(lane, lanes)].join(' '));
  // Two files may call their layouts alike; then the files tell them apart.
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name)
      ? name
      : [`${layoutNames[i]} (${lanes[i]!.layout})`, ...ownSettings(lanes[i]!, lanes)].join(' '),
  );
}

function ownSettings(lane: LaneSpec, lanes: readonly LaneSpec[]): string[] {
  return givenOptions(lane)
    .filter(([{ key }, value]) => lanes.some((other) => other[key] !== value))
    .map(settingText);
}

/** What a machine is like when nobody says. */
const DEFAULTS: MachineSpec = {
  reclaim: false,
  swap: 0,
  thp: 'never',
  thpDefrag: 'madvise',
  scanSleepMillisecs: 10_000,
  faultAround: 0,
  readahead: 0,
  legacyVaLayout: false,
  fromSnapshot: false,
};

/** Throws a UsageError when two lanes are the same machine, however they are written. */
export function refuseTwins(machine: MachineSpec, lanes: readonly LaneSpec[]): void {
  const identities = lanes.map((lane) => identityOf(completeLane(machine, lane)));
  const twin = identities.findIndex((identity, i) => identities.indexOf(identity) !== i);
  if (twin < 0) return;
  const { layout } = lanes[twin]!;
  const first = identities.indexOf(identities[twin]!);
  throw new UsageError(
    `layouts: found ${layout} twice (the ${ordinal(first)} and the ${ordinal(twin)} machine are the same), expected each ` +
      `once: leave one out, or let an option tell them apart, as in ${layout},${layout}:ram=2G`,
  );
}

function identityOf(lane: LaneSpec): string {
  const ram = lane.memoryMap === undefined ? { ram: DEFAULT_RAM } : {};
  return [lane.layout, ...givenOptions({ ...ram, ...DEFAULTS, ...lane }).map(settingText)].join(':');
}

function ordinal(index: number): string {
  return ['first', 'second', 'third'][index] ?? `${index + 1}th`;
}
