/** `vmsplit layouts`: which layouts there are, and the map of one. */
import { Command } from 'commander';
import {
  addressSpaceFigures,
  directMapPages,
  exportLayout,
  kernelConstants,
  type Layout,
  layoutNames,
  toHex,
  UsageError,
  uncheckedText,
  unusedRam,
  usedRamBytes,
  userSpaceBytes,
  versionText,
} from '../../../core/index.ts';
import { formatBytes } from '../../index.ts';
import {
  completeLane,
  contradictionsOf,
  DEFAULT_RAM,
  givenOptions,
  type LaneSpec,
  layoutsOf,
  type MachineSpec,
  machineOf,
  type OwnLayout,
  ownLayout,
  type RunFiles,
  readingOnce,
  reportOf,
} from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import { addLayoutOptions, oneMachineOf } from '../options/machine-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { LAYOUT_COLUMNS, type ListedLayout, layoutMap, layoutRow, listedLayout } from '../text/layout-map.ts';
import { reportJson, reportText, warningText } from '../text/machine-report.ts';
import { table } from '../text/table.ts';

interface LayoutsArguments extends MachineSpec {
  readonly json?: true;
  readonly export?: true;
}

export function layoutsCommand(terminal: Terminal): Command {
  const command = new Command('layouts')
    .description('the layouts, or the map of one: regions, zones and windows, as they follow from the RAM')
    .argument(
      '[name]',
      'a layout, or a JSON file that describes one; its own options after colons: linux-3g1g:vmalloc=256M',
    );
  return addLayoutOptions(command)
    .option('--json', 'the result as JSON; with a name, the figures that a kernel reports, addresses in hex')
    .option('--export', 'with a name: the layout as the JSON file that every command takes as a layout')
    .action((name: string | undefined, given: LayoutsArguments) =>
      name === undefined ? listLayouts(terminal, given) : showLayout(terminal, name, given),
    );
}

async function listLayouts(terminal: Terminal, given: LayoutsArguments): Promise<void> {
  if (given.export) throw new UsageError('--export: found no layout to export, expected its name too');
  const files = readingOnce(runFiles(terminal));
  const report = await reportOf(given, files);
  const all = await Promise.all(layoutNames().map((named) => list(files, named, given)));
  const own = report && (await ownLayout(report, machineOf(given), files));
  if (given.json) {
    terminal.printJson(
      report === undefined ? all : { ...reportJson(report), ...ownJson(own!), layouts: all },
    );
    return;
  }
  if (report !== undefined)
    terminal.print(`${reportText(report, given.memoryMap!, terminal, own!.contradictions)}\n`);
  // Layouts of another kind of machine have nothing to show.
  const listed = report === undefined ? all : all.filter(({ problem }) => problem === null);
  if (listed.length === 0) {
    terminal.print(`no layout can be shown: ${own?.problem ?? all[0]!.problem}\n`);
    return;
  }
  terminal.print(`under each layout, with ${machineText(given)}:\n`);
  terminal.print(table(LAYOUT_COLUMNS, listed.map(layoutRow), terminal));
}

function machineText({ ram = DEFAULT_RAM, memoryMap }: LayoutsArguments): string {
  return memoryMap === undefined ? `${formatBytes(ram)} of RAM` : `the RAM of ${memoryMap}`;
}

/** A machine that one layout cannot have is no reason to hide the others. */
async function list(
  files: Pick<RunFiles, 'text'>,
  named: Pick<ListedLayout, 'name' | 'family' | 'title'>,
  given: LayoutsArguments,
): Promise<ListedLayout> {
  try {
    const run = { machine: machineOf(given), lanes: [{ layout: named.name }] };
    const [layout] = await layoutsOf(run, files);
    return listedLayout(layout!);
  } catch (error) {
    if (error instanceof UsageError) return { ...named, ...NO_FIGURES, problem: error.message };
    throw error;
  }
}

function ownJson({ layout, ...found }: OwnLayout) {
  return { ...found, layout: layout === undefined ? null : layoutJson(layout) };
}

const NO_FIGURES = {
  ramBytes: null,
  unusedRamBytes: null,
  userSpaceBytes: null,
  lowMemoryBytes: null,
  highMemoryBytes: null,
  vmallocBytes: null,
};

async function showLayout(terminal: Terminal, name: string, given: LayoutsArguments): Promise<void> {
  const machines = oneMachineOf('layouts', { ...machineOf(given), layouts: [name] }, name);
  refuseMachineOptions(machines.lanes[0]!);
  const files = readingOnce(runFiles(terminal));
  const [layout] = await layoutsOf(machines, files);
  const lane = completeLane(machines.machine, machines.lanes[0]!);
  const { memoryMap } = lane;
  const report = await reportOf({ ...(memoryMap !== undefined && { memoryMap }) }, files);
  const differences = report === undefined ? [] : contradictionsOf(lane, layout!, report);
  if (given.export) {
    terminal.printJson(exportLayout(layout!));
    return;
  }
  if (!given.json) {
    if (report !== undefined) terminal.print(`${reportText(report, memoryMap!, terminal)}\n`);
    terminal.print(layoutMap(layout!, terminal));
    for (const difference of differences) terminal.print(warningText(difference, terminal));
    return;
  }
  const told = report && { log: { ...reportJson(report), contradictions: differences } };
  terminal.printJson({ ...layoutJson(layout!), ...told });
}

/** The figures that a kernel reports, and what follows from them. */
function layoutJson(layout: Layout) {
  const regions = layout.regions.map(({ kind, name, start, end }) => ({
    kind,
    name,
    start: toHex(layout, start),
    end: toHex(layout, end),
  }));
  return {
    ...addressSpaceFigures(layout),
    kernel: versionText(layout.kernel.version),
    kernelNote: uncheckedText(layout.kernel) ?? null,
    ...ramFigures(layout),
    userSpaceBytes: userSpaceBytes(layout),
    regions,
    modules: modulesFigures(layout),
    ...kernelFigures(layout),
  };
}

/** The window that modules have apart from vmalloc, and what is to be known of it; null: their areas are vmalloc's. */
function modulesFigures({ modules, vmalloc, arch }: Layout) {
  if (modules === vmalloc) return null;
  return { bytes: Number(modules.end - modules.start), note: arch.port.moduleWindow ?? null };
}

/** A lane may say how memory is managed, which moves nothing on the map. */
function refuseMachineOptions(lane: LaneSpec): void {
  const wrong = givenOptions(lane).find(([{ group }]) => group !== 'layout');
  if (wrong === undefined) return;
  throw new UsageError(
    `layouts: found ${wrong[0].flag}, which changes nothing in a layout, expected it with replay, diff, at or explain`,
  );
}

function ramFigures(layout: Layout) {
  const unused = unusedRam(layout);
  return {
    usedRamBytes: usedRamBytes(layout),
    unusedRam: unused === undefined ? null : { bytes: unused.bytes, reason: unused.reason },
  };
}

/** What only a real kernel has: the constants of its headers, and what meminfo says of its direct map, in KiB. */
function kernelFigures(layout: Layout) {
  if (layout.booted?.isChecked !== true) return {};
  const constants = Object.entries(kernelConstants(layout)).map(([name, value]) => [
    name,
    `0x${value.toString(16)}`,
  ]);
  const pages = directMapPages(layout).map(({ name, pages, pageBytes }) => [
    name,
    (pages * pageBytes) / 1024,
  ]);
  return { constants: Object.fromEntries(constants), directMapKib: Object.fromEntries(pages) };
}
