/** `vmsplit man`: the manual page of all commands; the build writes it to dist/vmsplit.1. */
import { Command } from 'commander';
import { manPage } from '../manual/man-page.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { VERSION } from '../terminal/version.ts';

export function manCommand(terminal: Terminal): Command {
  return new Command('man')
    .description('the manual page of all commands, for man(1): vmsplit man | man -l -')
    .action((_given: unknown, command: Command) => {
      terminal.write(manPage(command.parent!, VERSION));
    });
}
