/**
 * Where lanes were lately, beside the keyframes: a step back or forth begins close by, while keyframes may lie far apart.
 * The oldest is forgotten first.
 */
import type { Lane } from '../../lane/lane.ts';

export interface Standing {
  readonly event: number;
  readonly lanes: readonly Lane[];
}

const MOST = 16;

export class Trail {
  private readonly standings: Standing[] = [];

  add(standing: Standing): void {
    const known = this.standings.findIndex(({ event }) => event === standing.event);
    if (known >= 0) this.standings.splice(known, 1);
    this.standings.push(standing);
    if (this.standings.length > MOST) this.standings.shift();
  }

  /** The last one at or before an event. */
  nearest(event: number): Standing | undefined {
    let best: Standing | undefined;
    for (const standing of this.standings)
      if (standing.event <= event && standing.event >= (best?.event ?? 0)) best = standing;
    return best;
  }
}
