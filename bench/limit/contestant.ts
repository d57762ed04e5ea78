/**
 * A process that does the work of a row again and again: a C program, or Node with one entrant (serve.ts). Both say what
 * came of the work first, and then take turns: a line with a number of milliseconds in, a line with units done and
 * nanoseconds of CPU time out. Each has a process of its own, so that none is compiled for what another did.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../../core/base/errors.ts';

export class Contestant {
  readonly name: string;
  /** What came of the work; empty: it does not say. */
  check = '';
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  private constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {}); // It has ended: that is told when its answer does not come.
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  static async start(name: string, command: string, args: readonly string[]): Promise<Contestant> {
    const contestant = new Contestant(name, command, args);
    contestant.check = await contestant.line();
    return contestant;
  }

  /** Works for so many milliseconds of CPU time, at least once; returns nanoseconds a unit. */
  async turn(ms: number): Promise<number> {
    this.child.stdin.write(`${ms}\n`);
    const [units, ns] = (await this.line()).split(' ').map(Number);
    return ns! / units!;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin.end();
    await ended;
  }

  private async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done !== true) return value;
    throw new UsageError(`'${this.name}' has ended in the middle of the work`);
  }
}
