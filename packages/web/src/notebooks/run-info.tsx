/** Under the code: waiting and where in the queue, the running clock, how long it took, when and for whom. */
import type { CellId } from '@cahier/base/ids.ts';
import { useEffect, useState } from 'react';
import { MenuButton } from '../ui/menu.tsx';
import styles from './cell.module.css';
import type { CellSnapshot } from './notebook-model.ts';
import { duration, elapsed, failureWords } from './run-words.ts';
import { useNotebook } from './use-cell.ts';
import { useKernelChoices } from './use-kernel-choices.ts';

export function RunInfo({ cell }: { readonly cell: CellSnapshot }) {
  const { model } = useNotebook();
  const { live, place, isEdited } = cell;
  const by = live.by ? ` for ${live.by.name}` : '';
  if (live.state === 'queued') {
    return (
      <Line look="queued">
        Waiting{place !== null && place > 0 ? ` (${place} before it)` : ''}
        {by}
      </Line>
    );
  }
  if (live.state === 'running') {
    return (
      <Line look="running">
        {live.input ? 'Waits for input' : 'Running'} <Clock since={live.startedAt ?? live.queuedAt} />
        {by}
      </Line>
    );
  }
  const took =
    live.startedAt !== undefined && live.endedAt !== undefined
      ? duration(live.endedAt - live.startedAt)
      : null;
  const failure = failureWords(live);
  if (took === null && failure === null && !isEdited) return null;
  const isKernels = live.failure === 'kernel-start' || live.failure === 'kernel-died';
  const reason = isKernels ? model.session.live.get().kernel.reason : undefined;
  const when = live.endedAt === undefined ? null : new Date(live.endedAt);
  return (
    <Line look={live.state === 'failed' ? 'failed' : 'done'}>
      {live.state === 'failed' && <span>{failure ?? 'Failed'}</span>}
      {reason !== undefined && <span className={styles['reason']}>{reason}</span>}
      {live.failure === 'kernel-start' && <KernelQuestion cell={cell.id} />}
      {live.state === 'done' && took !== null && <span>Done</span>}
      {took !== null && <span>{took}</span>}
      {when && (
        <time dateTime={when.toISOString()} title={when.toLocaleString()} className={styles['when']}>
          {when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
          {live.by ? `, ${live.by.name}` : ''}
        </time>
      )}
      {isEdited && (
        <span className={styles['edited']} title="The code was changed after this result was made">
          Edited since
        </span>
      )}
    </Line>
  );
}

/** The notebook's kernel cannot be had: what runs it is for a person to say, where they asked for the run. */
function KernelQuestion({ cell }: { readonly cell: CellId }) {
  const { actions } = useNotebook();
  const { ask, items } = useKernelChoices((name) => actions.runs.chooseKernel(name, cell));
  if (!actions.mayEdit) return null;
  return (
    <span onPointerEnter={ask} onFocus={ask}>
      <MenuButton items={items} look="plain" className={styles['kernelQuestion']}>
        Choose a kernel
      </MenuButton>
    </span>
  );
}

function Line({ look, children }: { readonly look: string; readonly children: React.ReactNode }) {
  return (
    <div className={styles['runInfo']} data-look={look}>
      <span className={styles['dot']} aria-hidden />
      {children}
    </div>
  );
}

/** Ticks by itself, so that the cell is not drawn again every second. */
function Clock({ since }: { readonly since: number | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  if (since === undefined) return null;
  return <span className={styles['clock']}>{elapsed(now - since)}</span>;
}
