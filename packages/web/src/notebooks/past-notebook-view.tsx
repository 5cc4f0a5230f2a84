/** A notebook as it was at one moment: read-only, with the outputs that were on the screen then, fetched by hash. */
import type { BlobHash, CellId } from '@cahier/base/ids.ts';
import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { type CSSProperties, memo, type ReactNode, useLayoutEffect, useMemo, useState } from 'react';
import '../editor/code-tokens.css';
import { parseOutputs } from '../history/parse-outputs.ts';
import { OutputList } from '../outputs/output-list.tsx';
import { OutputSourceProvider, useOutputSource } from '../outputs/output-source.ts';
import { RichHtml } from '../outputs/rich-html.tsx';
import { useBlobText } from '../outputs/use-blob-text.ts';
import { useIsNear } from '../outputs/use-is-near.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { classNames } from '../ui/class-names.ts';
import { useResting } from '../ui/use-resting.ts';
import styles from './cell.module.css';
import { estimatedHeight } from './cell-height.ts';
import { kernelLanguage } from './kernel-language.ts';
import notebookStyles from './notebook.module.css';
import { outputSourceOf } from './notebook-outputs.ts';
import type { NotebookSession } from './notebook-session.ts';
import { orderOfPast } from './past-order.ts';
import { StaticCode } from './static-code.tsx';

export interface ResultAuthor {
  readonly words: string;
  readonly color: string | null;
}

interface Props {
  readonly past: PastDocument;
  readonly session: Pick<NotebookSession, 'blobUrl' | 'projectUrl' | 'path' | 'project'>;
  /** Cells to point at (those the step changed). */
  readonly changed?: ReadonlySet<CellId>;
  /** Only these cells; null: all. */
  readonly only?: ReadonlySet<CellId> | null;
  /** Shown in place of the source; null: the source as it looks in the notebook. */
  readonly renderSource?: ((cell: PastCell) => ReactNode) | undefined;
  /** More that can be done with one output (by its place), in its menu. */
  readonly outputItems?: ((cell: PastCell, output: number) => readonly MenuItem[]) | undefined;
  /** Who made the result of a cell; shown at its edge. */
  readonly resultAuthor?: ((cell: PastCell) => ResultAuthor | null) | undefined;
  /** What can be done with a cell, at its upper edge. */
  readonly renderTools?: ((cell: PastCell, label: string) => ReactNode) | undefined;
}

export function PastNotebookView(props: Props) {
  const { past, session, changed, only, renderSource, renderTools, outputItems, resultAuthor } = props;
  const outputs = useMemo(() => outputSourceOf(session), [session]);
  const cells = useMemo(() => orderOfPast(past), [past]);
  const language = kernelLanguage(past.meta, undefined);
  const isAtRest = useResting(past) === past;
  const [near] = useState(() => new Set<CellId>());
  return (
    <OutputSourceProvider value={outputs}>
      <div className={classNames(notebookStyles['cells'], notebookStyles['past'])}>
        {cells.map((cell, i) =>
          only && !only.has(cell.id) ? null : (
            <PastCellView
              key={cell.id}
              near={near}
              isAtRest={isAtRest}
              cell={cell}
              label={`Cell ${i + 1} of ${cells.length}`}
              isChanged={changed?.has(cell.id) === true}
              language={language}
              renderSource={renderSource}
              renderTools={renderTools}
              outputItems={outputItems}
              resultAuthor={resultAuthor}
            />
          ),
        )}
        {cells.length === 0 && <p className={notebookStyles['empty']}>The notebook had no cells then.</p>}
      </div>
    </OutputSourceProvider>
  );
}

interface CellProps {
  /** The cells near the screen; each keeps its own place in it. */
  readonly near: Set<CellId>;
  /** Nobody drags just now. */
  readonly isAtRest: boolean;
  readonly cell: PastCell;
  readonly label: string;
  readonly isChanged: boolean;
  readonly language: string;
  readonly renderSource: Props['renderSource'];
  readonly renderTools: Props['renderTools'];
  readonly outputItems: Props['outputItems'];
  readonly resultAuthor: Props['resultAuthor'];
}

const PastCellView = memo(function PastCellView({
  near,
  cell,
  label,
  isChanged,
  language,
  renderSource,
  renderTools,
  outputItems,
  resultAuthor,
}: CellProps) {
  const made = cell.run ? (resultAuthor?.(cell) ?? null) : null;
  const edge: CSSProperties & { '--person': string } = { '--person': made?.color ?? 'transparent' };
  const [isNear, ref] = useIsNear();
  useLayoutEffect(() => {
    if (!isNear) return;
    near.add(cell.id);
    return () => void near.delete(cell.id);
  }, [near, isNear, cell.id]);
  const items = useMemo(
    () => outputItems && ((output: number) => outputItems(cell, output)),
    [outputItems, cell],
  );
  const prompt = cell.type !== 'code' ? '' : cell.run?.count == null ? '[ ]' : `[${cell.run.count}]`;
  const height = estimatedHeight(cell.type, cell.source, []);
  const ownSource = isNear ? (renderSource?.(cell) ?? null) : null;
  return (
    <section
      ref={ref}
      className={classNames(styles['cell'], isChanged && styles['changed'])}
      data-past-cell={cell.id}
      data-type={cell.type}
      data-state={cell.run?.state ?? 'idle'}
      aria-label={label}
      style={{ containIntrinsicBlockSize: `auto ${height}px` }}
    >
      <span className={styles['prompt']}>{prompt}</span>
      <div className={styles['main']}>
        {isNear && renderTools?.(cell, label)}
        {ownSource !== null ? (
          <div className={styles['input']} data-part="source">
            {ownSource}
          </div>
        ) : cell.type === 'markdown' && isNear ? (
          <div className={styles['rendered']} data-part="source">
            <RichHtml source={cell.source} kind="markdown" attachments={cell.attachments} />
          </div>
        ) : (
          <div className={styles['input']} data-part="source">
            <StaticCode source={cell.source} language={isNear && cell.type === 'code' ? language : null} />
          </div>
        )}
        {isNear && cell.run && (
          <div
            className={classNames(styles['outputs'], made !== null && styles['made'])}
            data-part="result"
            style={made === null ? undefined : edge}
            title={made?.words}
          >
            {made !== null && <p className={styles['maker']}>{made.words}</p>}
            <PastOutputs hash={cell.run.outputs} label={`Output of ${label.toLowerCase()}`} items={items} />
          </div>
        )}
      </div>
    </section>
  );
}, isAsDrawn);

/**
 * What is far from the screen waits for the end of a drag: a frame has no time for two hundred cells. What the moment is
 * about does not wait, it may be about to come into view.
 */
function isAsDrawn(drawn: CellProps, wanted: CellProps): boolean {
  if (!wanted.isAtRest && !wanted.isChanged && !wanted.near.has(wanted.cell.id)) return true;
  return (
    drawn.cell === wanted.cell &&
    drawn.label === wanted.label &&
    drawn.isChanged === wanted.isChanged &&
    drawn.language === wanted.language &&
    drawn.renderSource === wanted.renderSource &&
    drawn.renderTools === wanted.renderTools &&
    drawn.outputItems === wanted.outputItems &&
    drawn.resultAuthor === wanted.resultAuthor
  );
}

interface OutputsProps {
  readonly hash: BlobHash;
  readonly label: string;
  readonly items: ((output: number) => readonly MenuItem[]) | undefined;
}

function PastOutputs({ hash, label, items }: OutputsProps) {
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
  return <OutputList outputs={outputs ?? last} label={label} more={items} />;
}
