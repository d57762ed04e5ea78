/**
 * Lanes as they are written wherever a layout is taken: `NAME[:option=value]...`, with commas between lanes.
 *
 *     linux-3g1g,linux-3g1g:vmalloc=256M,linux-2g2g:ram=2G:reclaim,board.json:mmu=skylake+kpti=on
 *
 * Commas part lanes, so the settings of an MMU have + between them here.
 */
import { nearest, UsageError } from '../../core/index.ts';
import {
  givenOptions,
  isSwitch,
  MACHINE_OPTIONS,
  type MachineOption,
  optionText,
} from './machine-options.ts';
import type { LaneSpec } from './run-spec.ts';
import type { SpecValue } from './values.ts';

/** `place`: what the message begins with, such as `--layouts`. Throws a UsageError for the first fault. */
export function parseLanes(text: string, place: string): LaneSpec[] {
  return text.split(',').map((lane) => parseLane(lane.trim(), place));
}

function parseLane(text: string, place: string): LaneSpec {
  const [layout, ...settings] = text.split(':');
  const where = `${place} ${text}`.trim();
  if (layout === undefined || layout === '')
    throw new UsageError(
      `${where}: found no layout, expected lanes with commas between them, such as linux-3g1g,linux-2g2g:ram=2G`,
    );
  if (layout.includes('=')) throw notALane(where, layout);
  const options: Record<string, SpecValue> = {};
  for (const setting of settings) {
    const [{ key, flag }, value] = parseSetting(setting, where);
    if (options[key] !== undefined)
      throw new UsageError(`${where}: found ${flag} twice, expected it once: leave one out`);
    options[key] = value;
  }
  return { layout, ...options };
}

/** A setting of an MMU after a comma, or an option without its layout. */
function notALane(where: string, found: string): UsageError {
  return new UsageError(
    `${where}: found ${found}, expected a layout, with its options after colons: linux-3g1g:${found}; ` +
      'settings of an MMU have + between them here: mmu=skylake+kpti=on',
  );
}

function parseSetting(setting: string, where: string): [MachineOption, SpecValue] {
  const equals = setting.indexOf('=');
  const name = equals < 0 ? setting : setting.slice(0, equals);
  const option = optionNamed(name, where);
  const typed = equals < 0 && isSwitch(option) ? 'on' : setting.slice(equals + 1);
  const value = equals < 0 && !isSwitch(option) ? undefined : option.kind.parse(typed);
  if (value === undefined)
    throw new UsageError(
      `${where}: ${name}: found ${equals < 0 ? 'no value' : `'${typed}'`}, expected ${option.kind.expected}`,
    );
  return [option, option.key === 'mmu' ? typed.replaceAll('+', ',') : value];
}

function optionNamed(name: string, where: string): MachineOption {
  const found = MACHINE_OPTIONS.find(({ flag }) => flag === name);
  if (found !== undefined) return found;
  const flags = MACHINE_OPTIONS.map(({ flag }) => flag);
  const near = nearest(name, flags);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(`${where}: found option '${name}', expected one of ${flags.join(', ')}${hint}`);
}

/** The same lanes for the same text: what `parseLanes` takes. */
export function lanesText(lanes: readonly LaneSpec[]): string {
  return lanes.map(laneText).join(',');
}

function laneText({ layout, ...machine }: LaneSpec): string {
  return [layout, ...givenOptions(machine).map(settingText)].join(':');
}

/** `vmalloc=256M`, `reclaim`, `reclaim=off`. */
export function settingText([option, value]: [MachineOption, SpecValue]): string {
  if (isSwitch(option) && value === true) return option.flag;
  const text = optionText(option, value);
  return `${option.flag}=${option.key === 'mmu' ? text.replaceAll(',', '+') : text}`;
}
