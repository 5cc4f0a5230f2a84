/** The bar of find and replace, over the page at its upper right: nothing moves when it comes. */
import { CaseSensitive, ChevronDown, ChevronUp, Regex, WholeWord, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useStore } from '../rooms/use-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { toast } from '../ui/toasts.ts';
import styles from './find-bar.module.css';
import type { FindQuery } from './find-text.ts';
import type { FindState, NotebookFind } from './notebook-find.ts';
import { useNotebook } from './use-cell.ts';

interface Props {
  readonly find: NotebookFind;
  /** Counts the times it was asked for: each brings the focus back to its field. */
  readonly asked: number;
  readonly wantsReplace: boolean;
  readonly onClose: () => void;
}

export function FindBar({ find, asked, wantsReplace, onClose }: Props) {
  const { actions } = useNotebook();
  const state = useStore(find.state);
  const [replacement, setReplacement] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { query } = state;
  const hasHits = state.found.ok && state.found.hits.length > 0;
  useEffect(() => {
    find.start();
    return () => find.stop();
  }, [find]);
  useEffect(() => {
    void asked;
    field.current?.focus();
    field.current?.select();
  }, [asked]);

  const change = (part: Partial<FindQuery>) => find.ask({ ...query, ...part });
  const onKeyDown = (event: KeyboardEvent) => {
    const isStep = event.key.toLowerCase() === 'g' && (event.ctrlKey || event.metaKey);
    if (event.key === 'Escape') onClose();
    else if (isStep) find.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // Escape leaves it from wherever the focus is.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <search className={styles['bar']} aria-label="Find in this notebook" onKeyDown={onKeyDown}>
      <div className={styles['row']}>
        <input
          ref={field}
          className={styles['field']}
          aria-label="Find"
          aria-invalid={!state.found.ok}
          placeholder="Find in this notebook"
          spellCheck={false}
          value={query.text}
          onChange={(event) => change({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            find.step(event.shiftKey ? -1 : 1);
          }}
        />
        <IconButton
          label="Capitals matter"
          aria-pressed={query.isCaseSensitive}
          onClick={() => change({ isCaseSensitive: !query.isCaseSensitive })}
        >
          <CaseSensitive size={18} aria-hidden />
        </IconButton>
        <IconButton
          label="Whole words only"
          aria-pressed={query.isWholeWord}
          onClick={() => change({ isWholeWord: !query.isWholeWord })}
        >
          <WholeWord size={18} aria-hidden />
        </IconButton>
        <IconButton
          label="Pattern (regular expression)"
          aria-pressed={query.isPattern}
          onClick={() => change({ isPattern: !query.isPattern })}
        >
          <Regex size={16} aria-hidden />
        </IconButton>
      </div>
      <div className={styles['row']}>
        <output className={styles['count']}>{countWords(state)}</output>
        <IconButton label="Previous" disabled={!hasHits} onClick={() => find.step(-1)}>
          <ChevronUp size={18} aria-hidden />
        </IconButton>
        <IconButton label="Next" disabled={!hasHits} onClick={() => find.step(1)}>
          <ChevronDown size={18} aria-hidden />
        </IconButton>
        <IconButton label="Close" tipAt="end" onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </div>
      {wantsReplace && actions.mayEdit && (
        <div className={styles['row']}>
          <input
            className={styles['field']}
            aria-label="Replace with"
            placeholder="Replace with"
            spellCheck={false}
            value={replacement}
            onChange={(event) => setReplacement(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
              event.preventDefault();
              find.replace(replacement);
            }}
          />
          <Button disabled={!hasHits} onClick={() => find.replace(replacement)}>
            Replace
          </Button>
          <Button disabled={!hasHits} onClick={() => replaceAll(find, replacement, () => actions.undo())}>
            Replace all
          </Button>
        </div>
      )}
    </search>
  );
}

function replaceAll(find: NotebookFind, replacement: string, undo: () => void): void {
  const count = find.replaceAll(replacement);
  toast(`Replaced in ${count === 1 ? '1 place' : `${count} places`}`, {
    action: { label: 'Undo', run: undo },
  });
}

function countWords({ query, found, at }: FindState): string {
  if (!found.ok) return 'This pattern is not complete';
  if (query.text === '') return 'In code and text, not in outputs';
  if (found.hits.length === 0) return 'Not found';
  const all = `${found.hits.length}${found.isCut ? ' or more' : ''}`;
  return at < 0 ? `Found ${all} times` : `${at + 1} of ${all}`;
}
