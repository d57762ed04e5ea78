/** What the kernel of a lane would say of itself at the moment: its /proc files, as `vmsplit at` prints them. */
import { useSignal } from '@preact/signals';
import { catalog } from '../../state/catalog.ts';
import { opened } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { Command } from '../command.tsx';
import './kernel-files.css';

export function KernelFiles() {
  const name = useSignal('meminfo');
  const lane = useSignal(0);
  const pid = useSignal<number | undefined>(undefined);
  const file = catalog.value?.kernelFiles.find((known) => known.name === name.value);
  const answer = useModel('kernelFile', { name: name.value, lane: lane.value, pid: pid.value });
  return (
    <>
      <div class="kernel-files-choice">
        <label>
          File{' '}
          <select value={name.value} onChange={({ currentTarget }) => (name.value = currentTarget.value)}>
            {catalog.value?.kernelFiles.map((known) => (
              <option key={known.name}>{known.name}</option>
            ))}
          </select>
        </label>
        <label>
          of{' '}
          <select
            value={lane.value}
            onChange={({ currentTarget }) => (lane.value = Number(currentTarget.value))}
          >
            {opened.value!.lanes.map((known, i) => (
              <option key={known.name} value={i}>
                {known.name}
              </option>
            ))}
          </select>
        </label>
        {file?.ofProcess && <ProcessChoice lane={lane.value} onChoice={(chosen) => (pid.value = chosen)} />}
      </div>
      <p class="muted">{file?.title}</p>
      <Answered answer={answer}>
        {({ text, command }) => (
          <>
            <pre class="mono kernel-file">{text}</pre>
            <Command line={command} />
          </>
        )}
      </Answered>
    </>
  );
}

interface ProcessChoiceProps {
  readonly lane: number;
  onChoice(pid: number | undefined): void;
}

function ProcessChoice({ lane, onChoice }: ProcessChoiceProps) {
  const { result } = useModel('processes', undefined);
  return (
    <label>
      process{' '}
      <select onChange={({ currentTarget }) => onChoice(Number(currentTarget.value) || undefined)}>
        <option value="">on cpu 0</option>
        {result?.[lane]?.map(({ pid, cpu }) => (
          <option key={pid} value={pid}>
            {pid}
            {cpu !== undefined && `, on cpu ${cpu}`}
          </option>
        ))}
      </select>
    </label>
  );
}
