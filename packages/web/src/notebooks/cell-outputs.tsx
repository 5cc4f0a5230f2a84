/** The outputs' place under a cell. While a cell runs again its old height is kept until new outputs come: no jump. */
import { useEffect, useRef, useState } from 'react';
import { OutputList } from '../outputs/output-list.tsx';
import styles from './cell.module.css';
import type { CellSnapshot } from './notebook-model.ts';
import { useNotebook } from './use-cell.ts';

/** After the first new output has come, the rest of the old height is let go this much later. */
const settleMs = 400;

export function CellOutputs({ cell, label }: { readonly cell: CellSnapshot; readonly label: string }) {
  const { model } = useNotebook();
  const box = useRef<HTMLDivElement>(null);
  const lastHeight = useRef(0);
  const [kept, setKept] = useState(0);
  const { outputs, state } = cell.live;
  const isBusy = state === 'queued' || state === 'running';
  const isEmpty = outputs.length === 0;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      lastHeight.current = element.offsetHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (isEmpty && isBusy) {
      setKept(lastHeight.current);
      return;
    }
    const timer = setTimeout(() => setKept(0), isBusy ? settleMs : 0);
    return () => clearTimeout(timer);
  }, [isEmpty, isBusy]);

  if (cell.isOutputHidden && !isEmpty) {
    return (
      <button
        type="button"
        className={styles['hiddenOutput']}
        aria-expanded="false"
        onClick={() => model.setOutputHidden(cell.id, false)}
      >
        {outputs.length === 1 ? 'One output is folded' : `${outputs.length} outputs are folded`}
      </button>
    );
  }
  return (
    <div
      className={styles['outputs']}
      data-scrolled={cell.isOutputScrolled || undefined}
      style={kept > 0 ? { minHeight: kept } : undefined}
    >
      <div ref={box}>{!isEmpty && <OutputList outputs={outputs} label={label} />}</div>
    </div>
  );
}
