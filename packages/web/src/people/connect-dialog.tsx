import type { ProjectId } from '@cahier/base/ids.ts';
import { addressHoursDefault, type TokenMade } from '@cahier/protocol/http/tokens.ts';
import { useEffect, useId, useState } from 'react';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { problemToast } from '../ui/toasts.ts';
import styles from './connect-dialog.module.css';
import { MadeToken } from './made-token.tsx';
import { type Program, programs } from './programs.ts';
import { TokenList } from './token-list.tsx';

interface Props {
  readonly project: ProjectId;
  readonly mayEdit: boolean;
  readonly isOwner: boolean;
  readonly onClose: () => void;
}

/** Other programs come in with a token: made here, shown once, listed, and taken back. */
export function ConnectDialog({ project, mayEdit, isOwner, onClose }: Props) {
  const [made, setMade] = useState<{ readonly program: Program; readonly token: TokenMade } | null>(null);
  const tokens = useAnswer(`tokens ${project}`, () => api.tokens(project));
  const { reload } = tokens;
  // who has just set a program up looks here whether it has come in
  useEffect(() => {
    const timer = setInterval(reload, 3000);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Dialog title="Connect another program" isWide onClose={onClose}>
      {made === null ? (
        <NewToken
          project={project}
          mayEdit={mayEdit}
          onMade={(token, program) => {
            setMade({ token, program });
            reload();
          }}
        />
      ) : (
        <MadeToken program={made.program} made={made.token} onDone={() => setMade(null)} />
      )}
      <section className={styles['section']}>
        <h3 className={styles['heading']}>{isOwner ? 'Tokens of this project' : 'Your tokens'}</h3>
        {tokens.error && <p role="alert">{tokens.error.message}</p>}
        {tokens.value && (
          <TokenList
            project={project}
            tokens={tokens.value}
            isOwner={isOwner}
            onTakenBack={(id) => {
              if (made?.token.id === id) setMade(null);
              reload();
            }}
          />
        )}
      </section>
    </Dialog>
  );
}

const day = 24;
const lives = [
  { hours: day, words: 'a day' },
  { hours: 7 * day, words: 'a week' },
  { hours: 30 * day, words: '30 days' },
  { hours: 0, words: 'until I take it back' },
] as const;

interface NewTokenProps {
  readonly project: ProjectId;
  readonly mayEdit: boolean;
  readonly onMade: (made: TokenMade, program: Program) => void;
}

function NewToken({ project, mayEdit, onMade }: NewTokenProps) {
  const [program, setProgram] = useState<Program>(() => firstProgram());
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Program['scopes'][number][]>(program.scopes);
  const [hours, setHours] = useState<number>(30 * day);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const choose = (next: Program) => {
    setProgram(next);
    setScopes(next.scopes);
    setHours(next.kind === 'address' ? addressHoursDefault : 30 * day);
  };
  const make = () => {
    setBusy(true);
    const wish = {
      name: name.trim() || program.tokenName,
      kind: program.kind,
      // who may only look promises nothing more
      scopes: mayEdit ? [...new Set(['read' as const, ...scopes])] : ['read' as const],
      hours: hours === 0 ? null : hours,
    };
    api
      .makeToken(project, wish)
      .then((token) => onMade(token, program), problemToast)
      .finally(() => setBusy(false));
  };
  const toggle = (scope: 'run' | 'edit', isOn: boolean) =>
    setScopes((old) => (isOn ? [...old, scope] : old.filter((each) => each !== scope)));
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      <p>
        JupyterLab, VS Code and scripts come into this project with a token. What they do here, they do in
        your name.
      </p>
      <fieldset className={styles['choice']}>
        <legend className={styles['label']}>Which program?</legend>
        <div className={styles['programs']}>
          {programs.map((each, index) => (
            <label key={each.id} className={styles['program']}>
              <input
                type="radio"
                name={`${id}-program`}
                checked={each.id === program.id}
                data-autofocus={index === 0 ? true : undefined}
                onChange={() => choose(each)}
              />
              <span>{each.name}</span>
            </label>
          ))}
        </div>
        <p className={styles['hint']} aria-live="polite">
          {program.about}
        </p>
      </fieldset>
      <Field
        label="Name, to find it again"
        value={name}
        maxLength={80}
        placeholder={program.tokenName}
        onChange={(event) => setName(event.target.value)}
      />
      <div className={styles['pair']}>
        <fieldset className={styles['choice']}>
          <legend className={styles['label']}>It may</legend>
          <label className={styles['check']}>
            <input type="checkbox" checked disabled /> look at everything
          </label>
          <label className={styles['check']}>
            <input
              type="checkbox"
              checked={mayEdit && scopes.includes('run')}
              disabled={!mayEdit}
              onChange={(event) => toggle('run', event.target.checked)}
            />{' '}
            run code
          </label>
          <label className={styles['check']}>
            <input
              type="checkbox"
              checked={mayEdit && scopes.includes('edit')}
              disabled={!mayEdit}
              onChange={(event) => toggle('edit', event.target.checked)}
            />{' '}
            change files and notebooks
          </label>
          {!mayEdit && <p className={styles['hint']}>You can look here, so a program of yours can, too.</p>}
        </fieldset>
        <div className={styles['choice']}>
          <label className={styles['label']} htmlFor={`${id}-life`}>
            It works for
          </label>
          <select
            id={`${id}-life`}
            className={styles['select']}
            value={hours}
            onChange={(event) => setHours(Number(event.target.value))}
          >
            {lives
              .filter((life) => program.kind === 'header' || life.hours > 0)
              .map((life) => (
                <option key={life.hours} value={life.hours}>
                  {life.words}
                </option>
              ))}
          </select>
        </div>
      </div>
      <div className={styles['actions']}>
        <Button look="primary" type="submit" disabled={isBusy}>
          Make token
        </Button>
      </div>
    </form>
  );
}

function firstProgram(): Program {
  const [first] = programs;
  if (!first) throw new Error('there is no program to connect');
  return first;
}
