/**
 * The commands, in the order of the help. Each is loaded when it is asked for: its modules, with the engine below them,
 * take longer to start than most of what people ask.
 */
import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

interface LazyCommand {
  readonly name: string;
  /** It tells of all commands. */
  readonly needsAll?: true;
  load(): Promise<(terminal: Terminal) => Command>;
}

export const COMMANDS: readonly LazyCommand[] = [
  { name: 'record', load: async () => (await import('./record.ts')).recordCommand },
  { name: 'import', load: async () => (await import('./import.ts')).importCommand },
  { name: 'info', load: async () => (await import('./info.ts')).infoCommand },
  { name: 'events', load: async () => (await import('./events.ts')).eventsCommand },
  { name: 'timeline', load: async () => (await import('./timeline.ts')).timelineCommand },
  { name: 'check', load: async () => (await import('./check.ts')).checkCommand },
  { name: 'stats', load: async () => (await import('./stats.ts')).statsCommand },
  { name: 'export', load: async () => (await import('./export.ts')).exportCommand },
  { name: 'slice', load: async () => (await import('./slice.ts')).sliceCommand },
  { name: 'merge', load: async () => (await import('./merge.ts')).mergeCommand },
  { name: 'filter', load: async () => (await import('./filter.ts')).filterCommand },
  { name: 'recover', load: async () => (await import('./recover.ts')).recoverCommand },
  { name: 'replay', load: async () => (await import('./replay.ts')).replayCommand },
  { name: 'diff', load: async () => (await import('./diff.ts')).diffCommand },
  { name: 'report', load: async () => (await import('./report.ts')).reportCommand },
  { name: 'view', load: async () => (await import('./view.ts')).viewCommand },
  { name: 'sweep', load: async () => (await import('./sweep.ts')).sweepCommand },
  { name: 'worker', load: async () => (await import('./worker.ts')).workerCommand },
  { name: 'fit', load: async () => (await import('./fit.ts')).fitCommand },
  { name: 'verify', load: async () => (await import('./verify.ts')).verifyCommand },
  { name: 'layouts', load: async () => (await import('./layouts.ts')).layoutsCommand },
  { name: 'explain', load: async () => (await import('./explain.ts')).explainCommand },
  { name: 'at', load: async () => (await import('./at.ts')).atCommand },
  { name: 'capture', load: async () => (await import('./capture.ts')).captureCommand },
  { name: 'advise', load: async () => (await import('./advise.ts')).adviseCommand },
  { name: 'example', load: async () => (await import('./example.ts')).exampleCommand },
  { name: 'quiz', load: async () => (await import('./quiz.ts')).quizCommand },
  { name: 'demo', load: async () => (await import('./demo.ts')).demoCommand },
  {
    name: 'completion',
    needsAll: true,
    load: async () => (await import('./completion.ts')).completionCommand,
  },
  { name: 'man', needsAll: true, load: async () => (await import('./man.ts')).manCommand },
];

/** Those that a command line needs: the one that it names, none to tell the version, else all. */
export async function commandsFor([first]: readonly string[], terminal: Terminal): Promise<Command[]> {
  const named = COMMANDS.filter(({ name, needsAll }) => name === first && !needsAll);
  const wanted = named.length > 0 ? named : tellsVersion(first) ? [] : COMMANDS;
  return Promise.all(wanted.map(async ({ load }) => (await load())(terminal)));
}

function tellsVersion(word: string | undefined): boolean {
  return word === '-v' || word === '--version';
}
