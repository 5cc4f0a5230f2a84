/** Two moments of a document side by side in one reading: what came, what went, what moved, what is said otherwise. */
import { comparablePast } from '@cahier/core/history/compare/comparable.ts';
import {
  type ComparedRow,
  compareNotebooks,
  type ComparisonSummary,
} from '@cahier/core/history/compare/compare-notebooks.ts';
import { compareText, isSameText } from '@cahier/core/history/compare/compare-text.ts';
import { textOf } from '@cahier/core/history/restore.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { memo, type Ref, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { outputSourceOf } from '../notebooks/notebook-outputs.ts';
import { OutputSourceProvider } from '../outputs/output-source.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { IconButton } from '../ui/button.tsx';
import styles from './compare.module.css';
import { MarkedText, OneSidedText } from './marked-text.tsx';
import { OutputsCompare } from './outputs-compare.tsx';

export interface ChangeWalk {
  readonly go: (by: 1 | -1) => void;
}

interface Props {
  readonly before: PastDocument;
  readonly after: PastDocument;
  readonly beforeWords: string;
  readonly afterWords: string;
  readonly session: DocumentSession;
  readonly walk: Ref<ChangeWalk>;
}

export function CompareView({ before, after, beforeWords, afterWords, session, walk }: Props) {
  const root = useRef<HTMLElement>(null);
  const [at, setAt] = useState(-1);
  const go = (by: 1 | -1) => {
    const changes = [...(root.current?.querySelectorAll<HTMLElement>('[data-change]') ?? [])];
    if (changes.length === 0) return;
    const next = (Math.max(at, by === 1 ? -1 : 0) + by + changes.length) % changes.length;
    setAt(next);
    changes[next]?.scrollIntoView({ block: 'center' });
    changes[next]?.focus({ preventScroll: true });
  };
  useImperativeHandle(walk, () => ({ go }));
  const isNotebook = session.kind === 'notebook';
  return (
    <section ref={root} className={styles['compare']} aria-label="Comparison">
      <div className={styles['head']}>
        <p className={styles['between']}>
          <span className={styles['when']}>
            <del>{beforeWords}</del>
          </span>{' '}
          → <span className={styles['when']}>{afterWords}</span>
        </p>
        <IconButton label="Previous change" onClick={() => go(-1)}>
          <ChevronUp size={18} aria-hidden />
        </IconButton>
        <IconButton label="Next change" tipAt="end" onClick={() => go(1)}>
          <ChevronDown size={18} aria-hidden />
        </IconButton>
      </div>
      {isNotebook ? (
        <Notebooks before={before} after={after} session={session} />
      ) : (
        <Texts before={before} after={after} />
      )}
    </section>
  );
}

function Texts({ before, after }: Pick<Props, 'before' | 'after'>) {
  const comparison = useMemo(() => compareText(textOf(before), textOf(after)), [before, after]);
  return (
    <>
      <output className={styles['summary']}>
        {isSameText(comparison)
          ? 'No difference between these two moments.'
          : `${lines(comparison.addedLines)} added, ${lines(comparison.removedLines)} removed.`}
      </output>
      <div className={styles['row']} data-change="text" tabIndex={-1}>
        <MarkedText comparison={comparison} />
      </div>
    </>
  );
}

function lines(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`;
}

function Notebooks({ before, after, session }: Pick<Props, 'before' | 'after' | 'session'>) {
  const outputs = useMemo(() => outputSourceOf(session), [session]);
  const { rows, summary, metadata } = useMemo(
    () => compareNotebooks(comparablePast(before), comparablePast(after)),
    [before, after],
  );
  const groups = useMemo(() => grouped(rows), [rows]);
  return (
    <OutputSourceProvider value={outputs}>
      <output className={styles['summary']}>{summaryWords(summary, metadata.length > 0)}</output>
      {groups.map((group, i) =>
        'same' in group ? (
          <p key={`same ${i}`} className={styles['unchanged']}>
            {group.same} {group.same === 1 ? 'cell' : 'cells'} without changes
          </p>
        ) : (
          <Row key={`${group.row.before?.cell.id} ${group.row.after?.cell.id}`} row={group.row} />
        ),
      )}
    </OutputSourceProvider>
  );
}

type Group = { readonly row: ComparedRow } | { readonly same: number };

function grouped(rows: readonly ComparedRow[]): readonly Group[] {
  const groups: ({ row: ComparedRow } | { same: number })[] = [];
  for (const row of rows) {
    if (row.kind !== 'same') groups.push({ row });
    else {
      const last = groups.at(-1);
      if (last && 'same' in last) last.same += 1;
      else groups.push({ same: 1 });
    }
  }
  return groups;
}

const kindWords: Readonly<Record<ComparedRow['kind'], string>> = {
  same: 'Same',
  changed: 'Changed',
  moved: 'Moved',
  added: 'Added',
  removed: 'Removed',
};

const Row = memo(function Row({ row }: { readonly row: ComparedRow }) {
  const { kind, before, after, changes } = row;
  const number = (after ?? before)?.index ?? 0;
  const source = changes?.source ?? null;
  const from = before && after && kind === 'moved' ? `, was cell ${before.index + 1}` : '';
  const notes = [
    changes?.type && `now ${changes.type.after}, was ${changes.type.before}`,
    changes &&
      changes.metadata.length > 0 &&
      `metadata: ${changes.metadata.map(({ path }) => path.join('.')).join(', ')}`,
    changes && changes.attachments.length > 0 && 'attachments differ',
    changes?.executionCount && changes.outputs === null && !source && 'run again, with the same result',
  ].filter((note) => typeof note === 'string');
  return (
    // It takes the focus when one goes from change to change.
    <section
      className={styles['row']}
      data-change={kind}
      tabIndex={-1}
      aria-label={`${kindWords[kind]}: cell ${number + 1}`}
    >
      <h3 className={styles['title']}>
        <span className={styles['badge']} data-kind={kind}>
          {kindWords[kind]}
        </span>{' '}
        Cell {number + 1}
        {from}
        {notes.length > 0 && <span className={styles['notes']}> · {notes.join(' · ')}</span>}
      </h3>
      {source && <MarkedText comparison={source} />}
      {!before && after && <OneSidedText text={after.cell.source} side="added" />}
      {before && !after && <OneSidedText text={before.cell.source} side="removed" />}
      {before && after && kind === 'moved' && !source && (
        <pre className={styles['quiet']}>{firstLines(after.cell.source)}</pre>
      )}
      {before && after && changes?.outputs && (
        <OutputsCompare before={before.cell.outputs} after={after.cell.outputs} />
      )}
    </section>
  );
});

function firstLines(source: string): string {
  const all = source.split('\n');
  return all.length > 3 ? `${all.slice(0, 3).join('\n')}\n…` : source;
}

function summaryWords(summary: ComparisonSummary, isMetaChanged: boolean): string {
  const { added, removed, moved, changed, outputsChanged, onlyCounted } = summary;
  const cells = (count: number, word: string) => `${count} ${count === 1 ? 'cell' : 'cells'} ${word}`;
  const parts = [
    changed > 0 && cells(changed, 'changed'),
    added > 0 && cells(added, 'added'),
    removed > 0 && cells(removed, 'removed'),
    moved > 0 && cells(moved, 'moved'),
    outputsChanged > 0 && `${outputsChanged} ${outputsChanged === 1 ? 'result' : 'results'} changed`,
    onlyCounted > 0 && cells(onlyCounted, 'only run again'),
    isMetaChanged && 'settings of the notebook changed',
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'No difference between these two moments.' : `${parts.join(', ')}.`;
}
