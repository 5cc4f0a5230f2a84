/** JSON as a tree that opens level by level; long lists in steps, so that a megabyte costs nothing until it is opened. */
import type { Json } from '@cahier/base/json.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import { useState } from 'react';
import styles from './outputs.module.css';

const step = 100;

export function JsonTree({ value }: { readonly value: Json }) {
  return (
    <div className={styles['json']}>
      <Node name={null} value={value} isOpenAtFirst />
    </div>
  );
}

function Node({ name, value, isOpenAtFirst }: { name: string | null; value: Json; isOpenAtFirst?: boolean }) {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst ?? false);
  const [shown, setShown] = useState(step);
  const label = name === null ? null : <span className={styles['jsonKey']}>{name}: </span>;
  const entries = entriesOf(value);
  if (!entries) {
    return (
      <div className={styles['jsonLeaf']}>
        {label}
        <span className={styles[leafClass(value)]}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  return (
    <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span className={styles['jsonCount']}>
          {Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}
        </span>
      </summary>
      {isOpen && (
        <div className={styles['jsonChildren']}>
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} />
          ))}
          {entries.length > shown && (
            <button type="button" className={styles['more']} onClick={() => setShown(shown + step * 10)}>
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function entriesOf(value: Json): [string, Json][] | null {
  if (Array.isArray(value)) return value.map((item: Json, i) => [String(i), item]);
  return isJsonObject(value) ? Object.entries(value) : null;
}

function leafClass(value: Json): string {
  if (typeof value === 'string') return 'jsonText';
  return typeof value === 'number' ? 'jsonNumber' : 'jsonWord';
}
