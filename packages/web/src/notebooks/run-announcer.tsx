/** Tells screen readers when a run of mine ends: “Cell 4 done, 2.3 s”. Many ends at once become one sentence. */
import type { CellId } from '@cahier/base/ids.ts';
import { useEffect, useState } from 'react';
import { duration } from './run-words.ts';
import { useNotebook } from './use-cell.ts';

const gatherMs = 600;

export function RunAnnouncer() {
  const { model } = useNotebook();
  const [words, setWords] = useState('');
  useEffect(() => {
    const { live } = model.session;
    let seen = live.get().cells;
    let ended: CellId[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      setWords(sentence(ended));
      ended = [];
    };
    const sentence = (cells: readonly CellId[]) => {
      const order = model.order.get();
      const parts = cells.slice(0, 3).flatMap((id) => {
        const cell = live.get().cells[id];
        if (!cell) return [];
        const took =
          cell.startedAt !== undefined && cell.endedAt !== undefined
            ? `, ${duration(cell.endedAt - cell.startedAt)}`
            : '';
        const error = cell.outputs.find((output) => output.type === 'error');
        return [
          `Cell ${order.indexOf(id) + 1} ${cell.state === 'failed' ? `failed${error ? `: ${error.ename}` : ''}` : 'done'}${took}`,
        ];
      });
      if (cells.length > 3) parts.push(`and ${cells.length - 3} more`);
      return parts.join('; ');
    };
    const stop = live.subscribe(() => {
      const now = live.get().cells;
      if (now === seen) return;
      for (const id of model.order.get()) {
        const [before, after] = [seen[id], now[id]];
        const wasRunning = before?.state === 'running' || before?.state === 'queued';
        if (before !== after && wasRunning && (after?.state === 'done' || after?.state === 'failed'))
          ended.push(id);
      }
      seen = now;
      if (ended.length > 0) timer ??= setTimeout(tell, gatherMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [model]);
  return (
    <output className="visually-hidden" aria-live="polite">
      {words}
    </output>
  );
}
