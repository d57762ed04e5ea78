/** What a fork, vfork or clone shares with its parent. */
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { fieldOf } from './call.ts';
import { CLONE_FLAGS, flagsOf } from './flags.ts';

/** Of a call, or its beginning: `clone3({flags=CLONE_VM|CLONE_FS, child_tid=...`. Undefined when it does not say. */
export function cloneFlags(name: string, text: string): number | undefined {
  if (name === 'vfork') return CLONE_VM | CLONE_VFORK;
  if (name === 'fork') return 0;
  const raw = name === 'clone' ? /^clone\( *(0x[0-9a-f]+|\d+)[,)]/.exec(text)?.[1] : undefined;
  const argument =
    raw === undefined ? fieldOf(text, 'flags') : { name: undefined, text: raw, comment: undefined };
  const flags = flagsOf(argument, CLONE_FLAGS) & (CLONE_VM | CLONE_VFORK | CLONE_THREAD);
  return argument === undefined ? undefined : flags;
}
