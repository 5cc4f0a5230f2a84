/** What an owner decides about the history: who reads it, and how long it is kept. What would be lost is said before. */
import { useId, useState } from 'react';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { ProjectSettings } from '@cahier/protocol/http/settings.ts';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { useNow } from '../ui/use-now.ts';
import styles from './project-history-page.module.css';

type Role = ProjectSettings['historyFor'];

const readers: readonly { readonly role: Role; readonly label: string; readonly hint: string }[] = [
  { role: 'owner', label: 'Owners only', hint: 'Teachers look back; students do not.' },
  {
    role: 'editor',
    label: 'Owners and those who can edit',
    hint: 'Who works here sees how it came about, also what others wrote and took back.',
  },
  { role: 'viewer', label: 'Everybody in the project', hint: 'Also those who can only look.' },
];

const day = 24 * 60 * 60_000;
const terms: readonly { readonly days: number | null; readonly label: string }[] = [
  { days: null, label: 'For ever' },
  { days: 3_650, label: '10 years' },
  { days: 730, label: '2 years' },
  { days: 365, label: '1 year' },
  { days: 180, label: '6 months' },
  { days: 90, label: '3 months' },
  { days: 30, label: '30 days' },
];

export function KeepingSettings({ project }: { readonly project: ProjectId }) {
  const known = useAnswer(`settings ${project}`, () => api.settings(project));
  const [asking, setAsking] = useState<{ readonly days: number | null } | null>(null);
  /** What was just chosen is shown at once; a refusal takes it back. */
  const [chosen, setChosen] = useState<Role | null>(null);
  const settings = known.value;
  const id = useId();
  if (!settings) {
    return known.error ? (
      <p role="alert">
        {known.error.message} <Button onClick={known.reload}>Try again</Button>
      </p>
    ) : (
      <Skeleton lines={5} label="Loading the settings" />
    );
  }
  const change = (wanted: Partial<ProjectSettings>) =>
    api.changeSettings(project, wanted).then(() => known.reload());
  const choose = (days: number | null) => {
    const isShorter = days !== null && (settings.keepHistoryDays === null || days < settings.keepHistoryDays);
    if (isShorter) setAsking({ days });
    else change({ keepHistoryDays: days }).then(() => toast(keptWords(days)), problemToast);
  };
  return (
    <>
      <fieldset className={styles['section']}>
        <legend className={styles['heading']}>Who may look back</legend>
        {readers.map(({ role, label, hint }) => (
          <label key={role} className={styles['choice']}>
            <input
              type="radio"
              name={`${id}-readers`}
              checked={(chosen ?? settings.historyFor) === role}
              aria-describedby={`${id}-${role}`}
              onChange={() => {
                setChosen(role);
                change({ historyFor: role }).then(
                  () => toast('It counts from now on.'),
                  (cause: unknown) => {
                    setChosen(null);
                    problemToast(cause);
                  },
                );
              }}
            />{' '}
            <span>
              {label}
              <span id={`${id}-${role}`} className={styles['about']}>
                {hint}
              </span>
            </span>
          </label>
        ))}
        <p className={styles['hint']}>
          Who may not look back cannot restore, export or recover either. The document itself stays open to
          everybody.
        </p>
      </fieldset>
      <section className={styles['section']} aria-labelledby={`${id}-kept`}>
        <h2 id={`${id}-kept`} className={styles['heading']}>
          How long it is kept
        </h2>
        <label className={styles['term']}>
          Keep the history{' '}
          <select
            value={String(settings.keepHistoryDays)}
            onChange={(event) => choose(event.target.value === 'null' ? null : Number(event.target.value))}
          >
            {withOwn(settings.keepHistoryDays).map(({ days, label }) => (
              <option key={label} value={String(days)}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <p className={settings.keepHistoryDays === null ? styles['hint'] : styles['warning']}>
          {settings.keepHistoryDays === null
            ? 'Nothing is ever removed. It takes some 5 bytes a keystroke.'
            : `Once a day, what happened more than ${daysWords(settings.keepHistoryDays)} ago is removed for ever: who wrote what, earlier versions, results of earlier runs, deleted cells. The documents as they are stay.`}
        </p>
      </section>
      {asking && asking.days !== null && (
        <RuleDialog
          days={asking.days}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await change({ keepHistoryDays: asking.days });
            toast(keptWords(asking.days));
          }}
        />
      )}
    </>
  );
}

function RuleDialog(props: {
  readonly days: number;
  readonly onClose: () => void;
  readonly onConfirm: () => Promise<void>;
}) {
  const now = useNow();
  const border = new Date(now - props.days * day).toLocaleDateString('en', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return (
    <ConfirmDialog
      title={`Keep only ${daysWords(props.days)} of history?`}
      action="Remove what is older"
      isDanger
      onClose={props.onClose}
      onConfirm={props.onConfirm}
    >
      <p>
        Within a day, everything from before <strong>{border}</strong> is removed for ever, in every document
        of the project, and from then on each day a bit more:
      </p>
      <ul className={styles['losses']}>
        <li>every earlier version, and the steps between them;</li>
        <li>who wrote which words, and when (they will count as written before the history began);</li>
        <li>results of earlier runs, and deleted cells and files from that time.</li>
      </ul>
      <p>
        The documents stay as they are. Nobody can bring the rest back, also not from a backup of Cahier made
        afterwards. Export the history first if you may need it.
      </p>
    </ConfirmDialog>
  );
}

function withOwn(days: number | null): typeof terms {
  return terms.some((term) => term.days === days)
    ? terms
    : [...terms, { days, label: days === null ? 'For ever' : daysWords(days) }];
}

function daysWords(days: number): string {
  return terms.find((term) => term.days === days)?.label ?? `${days} ${days === 1 ? 'day' : 'days'}`;
}

function keptWords(days: number | null): string {
  return days === null ? 'The history is kept for ever.' : `The history is kept for ${daysWords(days)}.`;
}
