/** A session of the page's engine, without a page: what it tells is kept, and can be waited for. */

import type {
  Moment,
  MomentRequest,
  Opened,
  PageRun,
  PassState,
} from '../../../../replay/page/engine/protocol.ts';
import { Session } from '../../../../replay/page/engine/session.ts';
import { memorySource } from '../../../../traces/index.ts';

export interface OpenPage {
  readonly session: Session;
  readonly facts: Opened;
  readonly told: { passes: PassState[]; moments: Moment[]; failures: string[] };
  /** Runs the first pass to its end. */
  passed(): Promise<PassState>;
  /** The next moment that is told after this request. */
  moment(request: MomentRequest): Promise<Moment>;
}

export async function openPage(run: PageRun): Promise<OpenPage> {
  const told: OpenPage['told'] = { passes: [], moments: [], failures: [] };
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const session = new Session(
    (at, name) => memorySource('bytes' in at ? at.bytes : new Uint8Array(), name),
    () => 0,
    '0.0.0',
  );
  const facts = await session.open(run, {
    pass(state) {
      told.passes.push(state);
      wake();
    },
    moment(moment) {
      told.moments.push(moment);
      wake();
    },
    progress() {},
    failed(message) {
      told.failures.push(message);
      wake();
    },
  });
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await new Promise<void>((resolve) => void waiting.push(resolve));
  };
  return {
    session,
    facts,
    told,
    async passed() {
      session.resumePass();
      await until(() => told.passes.at(-1)?.state === 'done' || told.failures.length > 0);
      return told.passes.at(-1)!;
    },
    async moment(request) {
      const before = told.moments.length;
      session.go(request);
      await until(() => told.moments.length > before);
      return told.moments.at(-1)!;
    },
  };
}

/** `drivers` on a machine with 1 GiB; lanes are layouts, or as a run specification has them. */
export function driversRun(events: number, ...told: readonly (string | object)[]): PageRun {
  const lanes = told.map((lane) => (typeof lane === 'string' ? { layout: lane } : lane));
  const spec = { version: 1, events: { workload: 'drivers', events }, machine: { ram: '1G' }, lanes };
  return { spec: JSON.stringify(spec), files: {} };
}
