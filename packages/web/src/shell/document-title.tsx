import { useRef, useState } from 'react';
import styles from './document-title.module.css';

interface Props {
  readonly path: string;
  readonly mayRename: boolean;
  /** Rejects when the name cannot be used; the field stays open. */
  readonly onRename: (name: string) => Promise<void>;
}

/** The document's name, renamed where it stands: Enter takes it, Esc leaves it. */
export function DocumentTitle({ path, mayRename, onRename }: Props) {
  const name = path.split('/').at(-1) ?? path;
  const [draft, setDraft] = useState<string | null>(null);
  const isDone = useRef(false);
  const button = useRef<HTMLButtonElement>(null);

  const finish = (wanted: string | null) => {
    if (isDone.current) return;
    isDone.current = true;
    const next = wanted?.trim() ?? '';
    if (next === '' || next === name) {
      setDraft(null);
      return;
    }
    onRename(next).then(
      () => setDraft(null),
      () => {
        isDone.current = false;
      },
    );
  };

  if (draft === null) {
    return (
      <h1 className={styles['title']}>
        {mayRename ? (
          <button
            ref={button}
            type="button"
            className={styles['button']}
            aria-label={`${name}: rename`}
            onClick={() => {
              isDone.current = false;
              setDraft(name);
            }}
          >
            {name}
          </button>
        ) : (
          <span className={styles['plain']}>{name}</span>
        )}
      </h1>
    );
  }
  const dot = name.lastIndexOf('.');
  return (
    <input
      className={styles['input']}
      aria-label="Name of this document"
      value={draft}
      maxLength={250}
      spellCheck={false}
      ref={(input) => {
        if (!input || input.dataset['seen']) return;
        input.dataset['seen'] = '1';
        input.focus();
        input.setSelectionRange(0, dot > 0 ? dot : name.length);
      }}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => finish(draft)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish(draft);
        if (event.key === 'Escape') finish(null);
      }}
    />
  );
}
