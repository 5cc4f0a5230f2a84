/** Removes a part of the history for ever: says exactly what will go, and asks for a word to be typed. Owners only. */
import { momentFlags } from '@cahier/core/history/timeline.ts';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import styles from './project-history-page.module.css';
import { momentTime } from './timeline-words.ts';
import type { Track } from './track.ts';

export interface PurgeRange {
  readonly from: number;
  readonly to: number;
}

interface Props {
  readonly track: Track;
  readonly now: number;
  /** What is proposed: up to the moment shown, or between the two that are compared. */
  readonly proposed: PurgeRange;
  /** Resolves to the number of steps that are gone. Rejects with a sentence. */
  readonly onPurge: (range: PurgeRange) => Promise<number>;
  readonly onClose: (isDone: boolean) => void;
}

const wordToType = 'remove';

export function PurgeDialog({ track, now, proposed, onPurge, onClose }: Props) {
  const [range, setRange] = useState(proposed);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [gone, setGone] = useState<number | null>(null);
  const id = useId();
  const isRange = range.from >= 1 && range.to >= range.from && range.to <= track.last;
  const facts = isRange ? factsOf(track, range, now) : null;
  if (gone !== null) {
    return (
      <Dialog title="Removed" onClose={() => onClose(true)}>
        <p role="alert">
          {gone.toLocaleString('en')} {gone === 1 ? 'step is' : 'steps are'} gone for ever. The history says
          that you removed them and when. The document is as it was.
        </p>
        <DialogActions>
          <Button look="primary" data-autofocus onClick={() => onClose(true)}>
            Close the history
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRange || typed.trim().toLowerCase() !== wordToType || isBusy) return;
    setBusy(true);
    onPurge(range).then(setGone, (cause: unknown) => {
      setBusy(false);
      setError(cause instanceof Error ? cause.message : String(cause));
    });
  };
  const number = (label: string, value: number, set: (value: number) => void) => (
    <Field
      label={label}
      type="number"
      min={1}
      max={track.last}
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => {
        set(event.target.valueAsNumber);
        setError(null);
      }}
    />
  );
  return (
    <Dialog title="Remove a part of the history for ever" onClose={() => onClose(false)}>
      <form onSubmit={submit}>
        <p>
          For what must not be kept: a password, a name, something private. Nobody can bring it back, you
          neither.
        </p>
        <div className={styles['range']}>
          {number('From step', range.from, (from) => setRange({ ...range, from }))}
          {number('To step', range.to, (to) => setRange({ ...range, to }))}
        </div>
        {facts ? (
          <dl className={styles['facts']} id={`${id}-facts`}>
            <dt>Steps that will go</dt>
            <dd>
              {(range.to - range.from + 1).toLocaleString('en')} of {track.last.toLocaleString('en')}
            </dd>
            <dt>When</dt>
            <dd>{facts.when}</dd>
            <dt>By</dt>
            <dd>{facts.names}</dd>
            <dt>With them</dt>
            <dd>{facts.with}</dd>
            <dt>What stays</dt>
            <dd>the document as it is, and all steps before and after</dd>
          </dl>
        ) : (
          <p role="alert">
            There are steps 1 to {track.last.toLocaleString('en')}; the first must not stand after the last.
          </p>
        )}
        <Field
          data-autofocus
          label={`Type “${wordToType}” to go on`}
          value={typed}
          error={error}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setTyped(event.target.value);
            setError(null);
          }}
        />
        <DialogActions>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button
            look="danger"
            type="submit"
            aria-describedby={facts ? `${id}-facts` : undefined}
            disabled={!isRange || typed.trim().toLowerCase() !== wordToType || isBusy}
          >
            {isBusy ? 'Removing…' : 'Remove for ever'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function factsOf({ moments, authors }: Track, { from, to }: PurgeRange, now: number) {
  const inside = moments.filter(([last], i) => last >= from && (moments[i - 1]?.[0] ?? 0) < to);
  const names = [...new Set(inside.map(([, , author]) => authors[author]?.name ?? 'somebody'))];
  const flags = inside.reduce((all, [, , , , own]) => all | own, 0);
  const [first, last] = [inside[0]?.[1] ?? now, inside.at(-1)?.[1] ?? now];
  const lost = [
    'who wrote what in them',
    ...(flags & momentFlags.run ? ['the results of their runs'] : []),
    ...(flags & momentFlags.named ? ['names given in them'] : []),
  ];
  return {
    names: new Intl.ListFormat('en').format(names),
    when: first === last ? momentTime(first, now) : `${momentTime(first, now)} to ${momentTime(last, now)}`,
    with: new Intl.ListFormat('en').format(lost),
  };
}
