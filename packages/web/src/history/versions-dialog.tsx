/** Versions with a name: what people named and what Git has; each can be gone to, or compared with the moment shown. */
import { Bookmark, GitCommitHorizontal, Trash2 } from 'lucide-react';
import type { GitLog } from '@cahier/protocol/http/git.ts';
import { type FormEvent, useRef, useState } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { type ComparedWith, commitWords } from './compared-side.ts';
import { momentTime } from './timeline-words.ts';
import type { Versions } from './use-versions.ts';
import styles from './versions-dialog.module.css';

interface Props {
  readonly versions: Versions;
  readonly now: number;
  /** The moment that would be named; null: this person may not name. */
  readonly naming: { readonly words: string; readonly name: string | null } | null;
  readonly timeOf: (seq: number) => number | null;
  readonly firstAt: number;
  readonly onGo: (to: { readonly seq: number } | { readonly at: number }) => void;
  readonly onCompare: (other: ComparedWith) => void;
  /** Rejects with a sentence. An empty name takes it away. */
  readonly onName: (name: string) => Promise<void>;
  readonly onForget: ((seq: number) => void) | null;
  readonly onClose: () => void;
}

const mostShown = 60;

export function VersionsDialog(props: Props) {
  const { versions, now, firstAt, onClose } = props;
  const [wanted, setWanted] = useState('');
  const words = wanted.trim().toLowerCase();
  const has = (...texts: readonly string[]) => texts.some((text) => text.toLowerCase().includes(words));
  const names = versions.names.filter(({ name, by }) => has(name, by)).toReversed();
  const commits =
    versions.git?.commits.filter(({ hash, author, message }) => has(hash, author, message)) ?? [];
  const isLong = versions.names.length + (versions.git?.commits.length ?? 0) > 8;
  const go = (to: Parameters<Props['onGo']>[0]) => () => {
    props.onGo(to);
    onClose();
  };
  const compare = (other: ComparedWith) => () => {
    props.onCompare(other);
    onClose();
  };
  return (
    <Dialog title="Versions" isWide onClose={onClose}>
      {props.naming && <NameForm naming={props.naming} onName={props.onName} />}
      {isLong && (
        <Field
          label="Find a version"
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <section className={styles['section']}>
        <h3 className={styles['heading']}>
          <Bookmark size={16} aria-hidden /> Named
        </h3>
        {names.length === 0 && (
          <p className={styles['hint']}>
            {words === ''
              ? 'No moment has a name yet. A name like “handed out” or “before the exam” finds it again.'
              : 'No name says that.'}
          </p>
        )}
        <ul className={styles['list']}>
          {names.map(({ seq, name, by }) => (
            <li key={seq} className={styles['row']}>
              <div className={styles['what']}>
                <strong>{name}</strong>
                <span className={styles['about']}>{whenWords(props.timeOf(seq), now, `named by ${by}`)}</span>
              </div>
              <Button look="quiet" aria-label={`Show ${name}`} onClick={go({ seq })}>
                Show
              </Button>
              <Button
                look="quiet"
                aria-label={`Compare with ${name}`}
                onClick={compare({ what: 'moment', seq })}
              >
                Compare
              </Button>
              {props.onForget && (
                <IconButton
                  label={`Take the name “${name}” away`}
                  tipAt="end"
                  onClick={() => props.onForget?.(seq)}
                >
                  <Trash2 size={16} aria-hidden />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section className={styles['section']}>
        <h3 className={styles['heading']}>
          <GitCommitHorizontal size={17} aria-hidden /> In Git
        </h3>
        {versions.gitError !== null && <p role="alert">{versions.gitError}</p>}
        {versions.git && commits.length === 0 && (
          <p className={styles['hint']}>
            {words === '' ? gitWords(versions.git.git) : 'No commit says that.'}
          </p>
        )}
        <ul className={styles['list']}>
          {commits.slice(0, mostShown).map((commit) => (
            <li key={`${commit.hash} ${commit.path}`} className={styles['row']}>
              <div className={styles['what']}>
                <strong>{commit.message || '(no message)'}</strong>
                <span className={styles['about']}>
                  <code>{commit.hash.slice(0, 7)}</code> · {whenWords(commit.at, now, commit.author)}
                </span>
              </div>
              {commit.at >= firstAt && (
                <Button
                  look="quiet"
                  aria-label={`Show the time of ${commitWords(commit)}`}
                  onClick={go({ at: commit.at })}
                >
                  Show
                </Button>
              )}
              <Button
                look="quiet"
                aria-label={`Compare with ${commitWords(commit)}`}
                onClick={compare({ what: 'commit', commit })}
              >
                Compare
              </Button>
            </li>
          ))}
        </ul>
        {(commits.length > mostShown || versions.git?.isCut) && (
          <p className={styles['hint']}>
            {commits.length > mostShown
              ? `${commits.length - mostShown} more: search for them above.`
              : 'Older commits are not listed.'}
          </p>
        )}
      </section>
    </Dialog>
  );
}

function NameForm({
  naming,
  onName,
}: {
  readonly naming: { words: string; name: string | null };
  readonly onName: Props['onName'];
}) {
  const [name, setName] = useState(naming.name ?? '');
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    onName(name.trim()).then(
      () => {
        setError(null);
        input.current?.focus();
      },
      (cause: unknown) => setError(cause instanceof Error ? cause.message : String(cause)),
    );
  };
  return (
    <form className={styles['naming']} onSubmit={submit}>
      <Field
        ref={input}
        data-autofocus
        label="Name this moment"
        hint={naming.words}
        placeholder="Before the exam"
        value={name}
        error={error}
        maxLength={120}
        autoComplete="off"
        onChange={(event) => {
          setName(event.target.value);
          setError(null);
        }}
      />
      <Button look="primary" type="submit" disabled={name.trim() === '' || name.trim() === naming.name}>
        {naming.name === null ? 'Name it' : 'Rename it'}
      </Button>
    </form>
  );
}

function whenWords(at: number | null, now: number, by: string): string {
  return at === null ? by : `${momentTime(at, now)} · ${by}`;
}

function gitWords(git: GitLog['git']): string {
  switch (git) {
    case 'here':
    case 'untracked':
      return 'Git does not know this file yet. After “git add” and “git commit” its versions stand here.';
    case 'no-repository':
      return 'This project is no Git repository. In a terminal, “git init” makes it one; then commits stand here.';
    case 'no-program':
      return 'Git is not installed where this project runs.';
    default:
      return git satisfies never;
  }
}
