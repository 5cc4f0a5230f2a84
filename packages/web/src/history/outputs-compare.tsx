/** The results of one cell at two moments: texts with what changed marked, pictures and the rest side by side. */
import type { ComparableOutputs, KnownValues } from '@cahier/core/history/compare/comparable.ts';
import { compareOutputs, type OutputRow } from '@cahier/core/history/compare/compare-outputs.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { useMemo } from 'react';
import { OutputList } from '../outputs/output-list.tsx';
import { useOutputSource } from '../outputs/output-source.ts';
import { useBlobText } from '../outputs/use-blob-text.ts';
import styles from './compare.module.css';
import { MarkedText } from './marked-text.tsx';
import { parseOutputs } from './parse-outputs.ts';

export function OutputsCompare({
  before,
  after,
  known,
}: {
  readonly before: ComparableOutputs;
  readonly after: ComparableOutputs;
  readonly known: KnownValues;
}) {
  const was = useOutputs(before);
  const is = useOutputs(after);
  const rows = useMemo(() => (was && is ? compareOutputs(was, is, known) : null), [was, is, known]);
  if (!was || !is || !rows) return <p className={styles['hint']}>Loading the results…</p>;
  if (rows.every(({ kind }) => kind === 'same')) return null;
  const isText = rows.every((row) => row.kind === 'same' || textOf(row) !== null);
  if (isText && was.length > 0 && is.length > 0) {
    return (
      <div className={styles['results']}>
        <h4 className={styles['part']}>Result</h4>
        {rows.map((row, i) => {
          const text = textOf(row);
          // oxlint-disable-next-line react/no-array-index-key
          return row.kind !== 'same' && text ? <MarkedText key={i} comparison={text} /> : null;
        })}
      </div>
    );
  }
  return (
    <div className={styles['sides']}>
      {[
        { name: 'Result before', outputs: was },
        { name: 'Result after', outputs: is },
      ].map(({ name, outputs }) => (
        <div key={name} className={styles['side']}>
          <h4 className={styles['part']}>{name}</h4>
          {outputs.length === 0 ? (
            <p className={styles['hint']}>None</p>
          ) : (
            <OutputList outputs={outputs} label={name} />
          )}
        </div>
      ))}
    </div>
  );
}

/** The result of a cell that is only on one side. */
export function ResultOf({ outputs, name }: { readonly outputs: ComparableOutputs; readonly name: string }) {
  const values = useOutputs(outputs);
  if (values === null) return <p className={styles['hint']}>Loading the results…</p>;
  if (values.length === 0) return null;
  return (
    <div className={styles['results']}>
      <h4 className={styles['part']}>{name}</h4>
      <OutputList outputs={values} label={name} />
    </div>
  );
}

/** The one text in which an output differs; null: it differs in something else. */
function textOf(row: OutputRow) {
  if (row.kind !== 'changed') return null;
  if (row.text) return row.text;
  const [only, ...more] = row.mimes;
  return only?.shownAs === 'text' && more.length === 0 ? only.text : null;
}

function useOutputs(outputs: ComparableOutputs): readonly LiveOutput[] | null {
  const source = useOutputSource();
  const hash = 'hash' in outputs ? outputs.hash : null;
  const { fetched } = useBlobText(hash === null ? null : source.blobUrl(hash, 'application/json'));
  return useMemo(() => {
    if ('values' in outputs) return outputs.values;
    if (fetched.state === 'waiting') return null;
    return fetched.state === 'here' ? parseOutputs(fetched.text) : [];
  }, [outputs, fetched]);
}
