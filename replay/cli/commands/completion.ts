/** `vmsplit completion`: a script that completes words of the command line in a shell. */
import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../manual/completion.ts';
import type { Terminal } from '../terminal/terminal.ts';

const HELP = `
  bash    source <(vmsplit completion bash)                      in ~/.bashrc
  zsh     source <(vmsplit completion zsh)                       in ~/.zshrc, after compinit
  fish    vmsplit completion fish > ~/.config/fish/completions/vmsplit.fish`;

export function completionCommand(terminal: Terminal): Command {
  return new Command('completion')
    .description('a script that completes commands, options and names in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell, _given: unknown, command: Command) => {
      terminal.write(completionScript(command.parent!, shell));
    });
}
