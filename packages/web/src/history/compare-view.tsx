/** Two versions of a document in one reading: what came, what went, what moved, what is said otherwise. */
import type { KnownValues } from '@cahier/core/history/compare/comparable.ts';
import type { KeyChange } from '@cahier/core/history/compare/compare-json.ts';
import {
  type ComparedRow,
  compareNotebooks,
  type ComparisonSummary,
} from '@cahier/core/history/compare/compare-notebooks.ts';
import { compareText, isSameText } from '@cahier/core/history/compare/compare-text.ts';
import { ArrowRight, ChevronDown, ChevronUp } from 'lucide-react';
import { memo, type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { outputSourceOf } from '../notebooks/notebook-outputs.ts';
import { OutputSourceProvider } from '../outputs/output-source.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { IconButton } from '../ui/button.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast } from '../ui/toasts.ts';
import styles from './compare.module.css';
import { grouped, sameWords } from './compared-groups.ts';
import type { ComparedSide } from './compared-side.ts';
import { KeyChanges } from './key-changes.tsx';
import { knownValues, needsValues } from './known-values.ts';
import { MarkedText, OneSidedText } from './marked-text.tsx';
import { OutputsCompare, ResultOf } from './outputs-compare.tsx';

export interface ChangeWalk {
  readonly go: (by: 1 | -1) => void;
}

interface Props {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** Chooses what stands on each side; null: that side is led by its handle on the timeline alone. */
  readonly beforeItems: (() => readonly MenuItem[]) | null;
  readonly afterItems: (() => readonly MenuItem[]) | null;
  readonly session: DocumentSession;
  readonly walk: Ref<ChangeWalk>;
}

export function CompareView(props: Props) {
  const { before, after, session, walk } = props;
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
  return (
    <section ref={root} className={styles['compare']} aria-label="Comparison">
      <div className={styles['head']}>
        <div className={styles['between']}>
          <SideName name="Before" words={before.words} items={props.beforeItems} />
          <ArrowRight size={16} aria-label="compared with" className={styles['arrow']} />
          <SideName name="After" words={after.words} items={props.afterItems} />
        </div>
        <IconButton label="Previous change" onClick={() => go(-1)}>
          <ChevronUp size={18} aria-hidden />
        </IconButton>
        <IconButton label="Next change" tipAt="end" onClick={() => go(1)}>
          <ChevronDown size={18} aria-hidden />
        </IconButton>
      </div>
      {before.content.kind === 'notebook' && after.content.kind === 'notebook' ? (
        <Notebooks before={before} after={after} session={session} />
      ) : before.content.kind === 'text' && after.content.kind === 'text' ? (
        <Texts before={before.content.text} after={after.content.text} />
      ) : null}
    </section>
  );
}

function SideName(props: {
  readonly name: string;
  readonly words: string;
  readonly items: (() => readonly MenuItem[]) | null;
}) {
  const { name, words, items } = props;
  if (!items) return <span className={styles['when']}>{words}</span>;
  return (
    <MenuButton
      look="quiet"
      label={`${name}: ${words}. Choose another`}
      items={items}
      className={styles['sideName']}
    >
      <span className={styles['when']}>{words}</span> <ChevronDown size={14} aria-hidden />
    </MenuButton>
  );
}

function Texts({ before, after }: { readonly before: string; readonly after: string }) {
  const comparison = useMemo(() => compareText(before, after), [before, after]);
  return (
    <>
      <output className={styles['summary']}>
        {isSameText(comparison)
          ? 'No difference between these two.'
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

const nothingKnown: KnownValues = {};

function Notebooks({ before, after, session }: Pick<Props, 'before' | 'after' | 'session'>) {
  const outputs = useMemo(() => outputSourceOf(session), [session]);
  const isOutside = needsValues(before, after);
  const [fetched, setFetched] = useState<{ of: ComparedSide; and: ComparedSide; known: KnownValues } | null>(
    null,
  );
  useEffect(() => {
    if (!isOutside) return;
    let isLate = false;
    knownValues([before, after], (hash, type) => session.blobUrl(hash, type)).then(
      (known) => !isLate && setFetched({ of: before, and: after, known }),
      (cause: unknown) => void problemToast(cause),
    );
    return () => {
      isLate = true;
    };
  }, [isOutside, before, after, session]);
  const isHere = fetched?.of === before && fetched.and === after;
  const known = !isOutside ? nothingKnown : isHere ? fetched.known : null;
  const compared = useMemo(
    () =>
      known && before.content.kind === 'notebook' && after.content.kind === 'notebook'
        ? compareNotebooks(before.content.notebook, after.content.notebook, known)
        : null,
    [before, after, known],
  );
  const groups = useMemo(() => grouped(compared?.rows ?? []), [compared]);
  if (!compared || !known) return <Skeleton lines={6} label="Reading the results" />;
  return (
    <OutputSourceProvider value={outputs}>
      <output className={styles['summary']}>
        {summaryWords(compared.summary, compared.metadata.length > 0)}
      </output>
      {groups.map((group, i) =>
        'same' in group ? (
          <p key={`same ${i}`} className={styles['unchanged']}>
            {sameWords(group)}
          </p>
        ) : (
          <Row
            key={`${group.row.before?.cell.id} ${group.row.after?.cell.id}`}
            row={group.row}
            known={known}
          />
        ),
      )}
      <Settings changes={[...compared.metadata, ...compared.extra]} />
    </OutputSourceProvider>
  );
}

const kindWords: Readonly<Record<ComparedRow['kind'], string>> = {
  same: 'Same',
  changed: 'Changed',
  moved: 'Moved',
  added: 'Added',
  removed: 'Removed',
};

/** What the notebook keeps beside its cells: kernel, language, and what tools put there. */
function Settings({ changes }: { readonly changes: readonly KeyChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section
      className={styles['row']}
      data-change="settings"
      tabIndex={-1}
      aria-label="Settings of the notebook"
    >
      <h3 className={styles['title']}>
        <span className={styles['badge']} data-kind="changed">
          {kindWords.changed}
        </span>{' '}
        Settings of the notebook
      </h3>
      <KeyChanges changes={changes} />
    </section>
  );
}

interface RowProps {
  readonly row: ComparedRow;
  readonly known: KnownValues;
}

const Row = memo(function Row({ row, known }: RowProps) {
  const { kind, before, after, changes } = row;
  const number = (after ?? before)?.index ?? 0;
  const source = changes?.source ?? null;
  const from = before && after && kind === 'moved' ? `, was cell ${before.index + 1}` : '';
  const notes = [
    changes?.type && `now ${changes.type.after}, was ${changes.type.before}`,
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
      {!before && after && <ResultOf outputs={after.cell.outputs} name="Result" />}
      {before && !after && <OneSidedText text={before.cell.source} side="removed" />}
      {before && !after && <ResultOf outputs={before.cell.outputs} name="Its result" />}
      {before && after && kind === 'moved' && !source && (
        <pre className={styles['quiet']}>{firstLines(after.cell.source)}</pre>
      )}
      {changes && <KeyChanges changes={[...changes.metadata, ...changes.extra]} />}
      {before && after && changes?.outputs && (
        <OutputsCompare before={before.cell.outputs} after={after.cell.outputs} known={known} />
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
  return parts.length === 0 ? 'No difference between these two.' : `${parts.join(', ')}.`;
}
