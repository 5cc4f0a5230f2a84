/** A notebook as it was at one moment: read-only, with the outputs that were on the screen then, fetched by hash. */
import type { BlobHash, CellId } from '@cahier/base/ids.ts';
import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { memo, type ReactNode, useMemo, useState } from 'react';
import '../editor/code-tokens.css';
import { parseOutputs } from '../history/parse-outputs.ts';
import { OutputList } from '../outputs/output-list.tsx';
import { OutputSourceProvider, useOutputSource } from '../outputs/output-source.ts';
import { RichHtml } from '../outputs/rich-html.tsx';
import { useBlobText } from '../outputs/use-blob-text.ts';
import { useIsNear } from '../outputs/use-is-near.ts';
import { classNames } from '../ui/class-names.ts';
import styles from './cell.module.css';
import { estimatedHeight } from './cell-height.ts';
import { kernelLanguage } from './kernel-language.ts';
import notebookStyles from './notebook.module.css';
import { outputSourceOf } from './notebook-outputs.ts';
import type { NotebookSession } from './notebook-session.ts';
import { orderOfPast } from './past-order.ts';
import { StaticCode } from './static-code.tsx';

interface Props {
  readonly past: PastDocument;
  readonly session: Pick<NotebookSession, 'blobUrl' | 'projectUrl' | 'path' | 'project'>;
  /** Cells to point at (those the step changed). */
  readonly changed?: ReadonlySet<CellId>;
  /** Only these cells; null: all. */
  readonly only?: ReadonlySet<CellId> | null;
  /** Shown in place of the source; null: the source as it looks in the notebook. */
  readonly renderSource?: ((cell: PastCell) => ReactNode) | undefined;
  /** What can be done with a cell, at its upper edge. */
  readonly renderTools?: ((cell: PastCell, label: string) => ReactNode) | undefined;
}

export function PastNotebookView({ past, session, changed, only, renderSource, renderTools }: Props) {
  const outputs = useMemo(() => outputSourceOf(session), [session]);
  const cells = useMemo(() => orderOfPast(past), [past]);
  const language = kernelLanguage(past.meta, undefined);
  return (
    <OutputSourceProvider value={outputs}>
      <div className={classNames(notebookStyles['cells'], notebookStyles['past'])}>
        {cells.map((cell, i) =>
          only && !only.has(cell.id) ? null : (
            <PastCellView
              key={cell.id}
              cell={cell}
              label={`Cell ${i + 1} of ${cells.length}`}
              isChanged={changed?.has(cell.id) === true}
              language={language}
              renderSource={renderSource}
              renderTools={renderTools}
            />
          ),
        )}
        {cells.length === 0 && <p className={notebookStyles['empty']}>The notebook had no cells then.</p>}
      </div>
    </OutputSourceProvider>
  );
}

interface CellProps {
  readonly cell: PastCell;
  readonly label: string;
  readonly isChanged: boolean;
  readonly language: string;
  readonly renderSource: Props['renderSource'];
  readonly renderTools: Props['renderTools'];
}

const PastCellView = memo(function PastCellView({
  cell,
  label,
  isChanged,
  language,
  renderSource,
  renderTools,
}: CellProps) {
  const [isNear, ref] = useIsNear();
  const prompt = cell.type !== 'code' ? '' : cell.run?.count == null ? '[ ]' : `[${cell.run.count}]`;
  const height = estimatedHeight(cell.type, cell.source, []);
  const ownSource = isNear ? (renderSource?.(cell) ?? null) : null;
  return (
    <section
      ref={ref}
      className={classNames(styles['cell'], isChanged && styles['changed'])}
      data-type={cell.type}
      data-state={cell.run?.state ?? 'idle'}
      aria-label={label}
      style={{ containIntrinsicBlockSize: `auto ${height}px` }}
    >
      <span className={styles['prompt']}>{prompt}</span>
      <div className={styles['main']}>
        {isNear && renderTools?.(cell, label)}
        {ownSource !== null ? (
          <div className={styles['input']}>{ownSource}</div>
        ) : cell.type === 'markdown' && isNear ? (
          <div className={styles['rendered']}>
            <RichHtml source={cell.source} kind="markdown" attachments={cell.attachments} />
          </div>
        ) : (
          <div className={styles['input']}>
            <StaticCode source={cell.source} language={isNear && cell.type === 'code' ? language : null} />
          </div>
        )}
        {isNear && cell.run && (
          <div className={styles['outputs']}>
            <PastOutputs hash={cell.run.outputs} label={`Output of ${label.toLowerCase()}`} />
          </div>
        )}
      </div>
    </section>
  );
});

function PastOutputs({ hash, label }: { readonly hash: BlobHash; readonly label: string }) {
  const source = useOutputSource();
  const { fetched, again } = useBlobText(source.blobUrl(hash, 'application/json'));
  const [last, setLast] = useState<readonly LiveOutput[]>([]);
  const outputs = useMemo(() => (fetched.state === 'here' ? parseOutputs(fetched.text) : null), [fetched]);
  if (outputs !== null && outputs !== last) setLast(outputs);
  if (fetched.state === 'failed') {
    return (
      <p className={styles['hint']}>
        {fetched.why}{' '}
        <button type="button" className={styles['linkButton']} onClick={again}>
          Try again
        </button>
      </p>
    );
  }
  // While the slider moves, what was shown stays until the next is here.
  return <OutputList outputs={outputs ?? last} label={label} />;
}
