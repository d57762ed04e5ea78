/** The manual page, and the completion of words in the shells that this machine has. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { layoutNames } from '../../../core/index.ts';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

let commands: string[];
let flags: string[];
beforeAll(async () => {
  const { out } = await vmsplit('--help');
  commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
  const helps = await Promise.all(commands.map((command) => vmsplit(`help ${command}`)));
  flags = [
    ...new Set(helps.flatMap((help) => [...help.out.matchAll(/(?<=^ {2}.*)--[a-z-]+(?= )/gm)].map(String))),
  ];
}, 60_000);

describe('the manual page', () => {
  it('has every command, every option, and the notes below them', async () => {
    const { code, out, err } = await vmsplit('man');
    expect([code, err]).toEqual([0, '']);
    const text = out.replaceAll('\\-', '-');
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.filter((name) => name !== 'help' && !text.includes(`.SS vmsplit ${name} `))).toEqual([]);
    expect(flags.length).toBeGreaterThan(30);
    expect(flags.filter((flag) => !text.includes(flag))).toEqual([]);
    expect(text).toContain('Exit codes: 0 fine; 1 the answer is');
    expect(text).toContain('(choices: "always", "madvise", "never")');
    expect(text).toContain('have the round figures of the books');
  });

  it('is the same each time, and no line of it is taken for a request that it is not', async () => {
    const { out } = await vmsplit('man');
    expect((await vmsplit('man')).out).toBe(out);
    const requests = new Set(out.match(/^[.'].\w*/gm));
    expect([...requests].sort()).toEqual(['.B', '.I', '.PP', '.SH', '.SS', '.TH', '.TP', '.fi', '.nf']);
  });
});

const isHere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What a shell offers for a line that ends where the cursor is; undefined where it cannot be asked. */
const ASK: Readonly<Record<string, (script: string, words: readonly string[]) => string[]>> = {
  bash(script, words) {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const ask = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _vmsplit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(spawnSync('bash', ['-c', ask]).stdout);
  },
  fish(script, words) {
    const { stdout } = spawnSync('fish', ['-c', `source ${script}; complete -C '${words.join(' ')}'`]);
    return lines(stdout).map((line) => line.split('\t')[0]!);
  },
};

function lines(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

describe('completion', () => {
  const script = async (shell: string): Promise<string> => {
    const { code, out } = await vmsplit(`completion ${shell}`);
    expect(code).toBe(0);
    const file = join(temporaryFolder(), shell);
    writeFileSync(file, out);
    return file;
  };

  it.each(['bash', 'zsh', 'fish'])('of %s knows every command and option', async (shell) => {
    const { out } = await vmsplit(`completion ${shell}`);
    const names = flags.map((flag) => (shell === 'fish' ? `-l ${flag.slice(2)} ` : flag));
    expect([...commands, ...names].filter((word) => !out.includes(word))).toEqual([]);
  });

  it.each(['bash', 'zsh', 'fish'].filter(isHere))(
    'of %s is a script that this shell reads',
    async (shell) => {
      const { status, stderr } = spawnSync(shell, ['-n', await script(shell)]);
      expect([status, stderr.toString()]).toEqual([0, '']);
    },
  );

  const rows = [
    [
      ['vmsplit', 'rep'],
      ['replay', 'report'],
    ],
    [
      ['vmsplit', 'replay', '--thp', ''],
      ['always', 'madvise', 'never'],
    ],
    [['vmsplit', 'diff', '--fail'], ['--fail-on']],
    [['vmsplit', 'at', 'a.vmt', 'mem'], ['meminfo']],
    [['vmsplit', 'record', 'driv'], ['drivers']],
    [['vmsplit', 'export', '--to', 'parq'], ['parquet']],
    [['vmsplit', 'events', '--kind', 'vmal'], ['vmalloc']],
    [['vmsplit', 'events', '--outcome', 'vmal'], ['vmalloc-space']],
    [
      ['vmsplit', 'diff', '--layouts', 'linux-2g'],
      layoutNames().flatMap(({ name }) => (name.startsWith('linux-2g') ? [name] : [])),
    ],
  ] as const;
  const asked = Object.keys(ASK)
    .filter(isHere)
    .flatMap((shell) => rows.map((row) => [shell, ...row] as const));
  it.each(asked)('of %s after %j', async (shell, words, offered) => {
    expect(ASK[shell]!(await script(shell), words).sort()).toEqual([...offered].sort());
  });

  it('of another shell there is none', async () => {
    const { code, err } = await vmsplit('completion tcsh');
    expect([code, err]).toEqual([2, expect.stringMatching(/Allowed choices are bash, zsh, fish/)]);
  });
});
