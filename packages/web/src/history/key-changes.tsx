/** Values that differ outside of text and results (settings, metadata): name, what it was, what it is. */
import type { Json } from '@cahier/base/json.ts';
import type { KeyChange } from '@cahier/core/history/compare/compare-json.ts';
import styles from './compare.module.css';

export function KeyChanges({ changes }: { readonly changes: readonly KeyChange[] }) {
  if (changes.length === 0) return null;
  return (
    <dl className={styles['keys']}>
      {changes.map(({ path, before, after }) => (
        <div key={path.join('\n')}>
          <dt>{path.join(' › ')}</dt>
          <dd>
            {before !== undefined && <del>{shortValue(before)}</del>}
            {before !== undefined && after !== undefined && ' → '}
            {after !== undefined && <ins>{shortValue(after)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const longestValue = 160;

function shortValue(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
