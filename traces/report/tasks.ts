/**
 * The list of processes in a report of the OOM killer (dump_tasks() of mm/oom_kill.c, since 2.6.27): its columns differ from
 * version to version, and its head names them.
 */
import type { ReportedTask } from './record.ts';

const HEAD = /^\s?\[ {0,4}pid {0,4}\] +uid +tgid +total_vm +rss\b(.{0,120})\bname\s{0,4}$/;
const ROW = /^\s?\[ {0,8}(\d{1,9})\]((?: +-?\d{1,20}){4,16}) (\S.{0,40})$/;

export class TaskList {
  readonly tasks: ReportedTask[] = [];
  private isOpen = false;

  take(text: string): boolean {
    if (HEAD.test(text)) {
      this.isOpen = true;
      return true;
    }
    const match = this.isOpen ? ROW.exec(text) : null;
    if (match === null) return false;
    // uid, tgid, total_vm, rss: the first columns of all versions.
    const [, , totalVm, rss] = match[2]!.trim().split(/ +/).map(Number);
    this.tasks.push({ pid: Number(match[1]), name: match[3]!.trim(), totalVm: totalVm!, rss: rss! });
    return true;
  }
}
