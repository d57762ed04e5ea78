/**
 * Completion of words for bash, zsh and fish: scripts that know commands, options and the names of layouts, workloads,
 * views and formats by themselves, so that a TAB starts no program.
 */
import type { Command, Option } from 'commander';
import { quote } from 'shlex';
import { argumentValues, commandsOf, flagsOf, optionsOf, optionValues, takesValue } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(program: Command, shell: Shell): string {
  const scripts: Readonly<Record<Shell, (program: Command) => string[]>> = { bash, zsh, fish };
  return `${scripts[shell](program).join('\n')}\n`;
}

/** One line is enough of what an option is. */
function shortly(text: string): string {
  return text.split(/[;:(\n]/)[0]!.trim();
}

// Where nothing is known, bash goes on with the names of files (-o default).
function bash(program: Command): string[] {
  const name = program.name();
  return [
    `_${name}() {`,
    `  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}`,
    '  local words=',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words=${quote(firstWords(program).join(' '))}`,
    `  else case "\${COMP_WORDS[1]} $prev" in`,
    ...commandsOf(program).flatMap(bashOptionValues),
    `  *) case "\${COMP_WORDS[1]} $cur" in`,
    ...commandsOf(program).flatMap(bashWords),
    '  esac ;;',
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '}',
    `complete -o default -F _${name} ${name}`,
  ];
}

function firstWords(program: Command): string[] {
  return [...commandsOf(program).map((command) => command.name()), ...optionsOf(program).flatMap(flagsOf)];
}

function bashOptionValues(command: Command): string[] {
  return optionsOf(command)
    .filter(takesValue)
    .map((option) => {
      const patterns = flagsOf(option).map((flag) => quote(`${command.name()} ${flag}`));
      return `  ${patterns.join('|')}) words=${quote(optionValues(option).join(' '))} ;;`;
    });
}

function bashWords(command: Command): string[] {
  const flags = optionsOf(command).flatMap(flagsOf).join(' ');
  return [
    `    ${quote(`${command.name()} -`)}*) words=${quote(flags)} ;;`,
    `    ${quote(`${command.name()} `)}*) words=${quote(argumentNames(command).join(' '))} ;;`,
  ];
}

function argumentNames(command: Command): string[] {
  if (command.name() === 'help') return [];
  return command.registeredArguments.flatMap((argument) => [...argumentValues(command, argument)]);
}

function zsh(program: Command): string[] {
  const name = program.name();
  const described = commandsOf(program).map((command) =>
    quote(`${command.name()}:${shortly(command.description())}`),
  );
  return [
    `#compdef ${name}`,
    `_${name}() {`,
    '  if (( CURRENT == 2 )); then',
    `    local -a commands=(${described.join(' ')})`,
    '    _describe command commands',
    `    _arguments ${optionsOf(program).flatMap(zshOption).join(' ')}`,
    '    return',
    '  fi',
    '  local command=$words[2]',
    '  shift words; (( CURRENT-- ))',
    '  case $command in',
    ...commandsOf(program).map(
      (command) =>
        `  ${command.name()}) _arguments ${[...optionsOf(command).flatMap(zshOption), ...zshArguments(command)].join(' ')} ;;`,
    ),
    '  esac',
    '}',
    `if [ "$funcstack[1]" = _${name} ]; then _${name} "$@"; else compdef _${name} ${name}; fi`,
  ];
}

function zshOption(option: Option): string[] {
  const text = zshText(shortly(option.description));
  const value = takesValue(option) ? `:${option.attributeName()}:${zshValues(optionValues(option))}` : '';
  return flagsOf(option).map((flag) => quote(`*${flag}[${text}]${value}`));
}

function zshArguments(command: Command): string[] {
  if (command.name() === 'help') return [];
  return command.registeredArguments.map((argument, i) =>
    quote(`${i + 1}:${zshText(argument.name())}:${zshValues(argumentValues(command, argument))}`),
  );
}

function zshValues(values: readonly string[]): string {
  return values.length === 0 ? '_files' : `(${values.join(' ')})`;
}

/** Brackets and colons end a description. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function fish(program: Command): string[] {
  const complete = `complete -c ${program.name()}`;
  return [
    ...optionsOf(program).map((option) => `${complete} -n __fish_use_subcommand ${fishOption(option)}`),
    ...commandsOf(program).flatMap((command) => {
      const seen = `${complete} -n ${fishQuote(`__fish_seen_subcommand_from ${command.name()}`)}`;
      const names = argumentNames(command);
      return [
        `${complete} -f -n __fish_use_subcommand -a ${command.name()} -d ${fishQuote(shortly(command.description()))}`,
        ...optionsOf(command).map((option) => `${seen} ${fishOption(option)}`),
        ...(names.length === 0 ? [] : [`${seen} -a ${fishQuote(names.join(' '))}`]),
      ];
    }),
  ];
}

function fishOption(option: Option): string {
  const flags = flagsOf(option).map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const values = optionValues(option);
  const value = takesValue(option)
    ? ['-r', ...(values.length > 0 ? [`-f -a ${fishQuote(values.join(' '))}`] : [])]
    : [];
  return [...flags, ...value, `-d ${fishQuote(shortly(option.description))}`].join(' ');
}

/** In single quotes of fish, backslash and quote are escaped by a backslash. */
function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
