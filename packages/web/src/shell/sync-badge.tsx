import { Check, CloudOff, CloudUpload } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Readable } from '../rooms/store.ts';
import { badge, type SyncStatus } from '../rooms/sync-status.ts';
import { useStore } from '../rooms/use-store.ts';
import { classNames } from '../ui/class-names.ts';
import styles from './sync-badge.module.css';

/** Saving that is over within this time is not worth a word. Milliseconds. */
const patienceMs = 400;

export function SyncBadge({ status }: { readonly status: Readable<SyncStatus> }) {
  const now = useStore(status);
  const shown = useSlow(now);
  const { words, meaning } = badge(shown);
  const Icon = shown.state === 'saved' ? Check : shown.state === 'saving' ? CloudUpload : CloudOff;
  return (
    <>
      <span
        className={classNames(styles['badge'], styles[shown.state])}
        data-tip={meaning}
        data-sync={now.state}
      >
        <Icon size={15} aria-hidden />
        <span className={styles['words']}>{words}</span>
      </span>
      <output className="visually-hidden">
        {now.state === 'offline' ? 'Offline. Typing goes on and is kept here.' : ''}
      </output>
    </>
  );
}

/** The badge's words once more, for narrow screens while offline. */
export function OfflineLine({ status }: { readonly status: Readable<SyncStatus> }) {
  const now = useStore(status);
  if (now.state !== 'offline') return null;
  return (
    <div className={styles['line']} aria-hidden>
      {badge(now).words}
    </div>
  );
}

const saved: SyncStatus = { state: 'saved', unsent: 0 };

/**
 * Whoever types fast is saved twenty times a second: no effect may answer each of those with a state of its own, React
 * takes that for a loop.
 */
function useSlow(now: SyncStatus): SyncStatus {
  const isSaving = now.state === 'saving';
  const [before, setBefore] = useState(now.state);
  if (!isSaving && before !== now.state) setBefore(now.state);
  const [hasWaited, setWaited] = useState(false);
  // The wait begins with the first unsent change, not with each one.
  useEffect(() => {
    if (!isSaving) return;
    const timer = setTimeout(() => setWaited(true), patienceMs);
    return () => {
      clearTimeout(timer);
      setWaited(false);
    };
  }, [isSaving]);
  return isSaving && before === 'saved' && !hasWaited ? saved : now;
}
