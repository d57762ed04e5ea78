/** A view's question about the moment, and the answer as it comes. */
import { useContext, useEffect, useId } from 'preact/hooks';
import type { ModelName, ModelParams, ModelResult } from '../../engine/models.ts';
import type { Wanted } from '../../engine/protocol.ts';
import { PaneContext } from './pane-models.ts';
import { moment, wanted } from './store.ts';

export interface ModelAnswer<N extends ModelName> {
  readonly result: ModelResult<N> | undefined;
  /** Why there is none, in words. */
  readonly error: string | undefined;
}

/** Asks as long as the component is there; the last answer stays until the next one comes. */
export function useModel<N extends ModelName>(model: N, params: ModelParams<N>): ModelAnswer<N> {
  const key = useId();
  const pane = useContext(PaneContext);
  const question = JSON.stringify(params, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  useEffect(() => {
    wanted.value = { ...wanted.value, [key]: { model, params } as Wanted };
    pane?.set(key, model);
    return () => {
      pane?.delete(key);
      const { [key]: _, ...others } = wanted.value;
      wanted.value = others;
    };
  }, [key, model, question, pane]);
  const answer = moment.value?.answers[key];
  if (answer === undefined) return { result: undefined, error: undefined };
  if ('error' in answer) return { result: undefined, error: answer.error };
  return { result: answer.result as ModelResult<N>, error: undefined };
}
