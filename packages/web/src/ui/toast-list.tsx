import { X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useStore } from '../rooms/use-store.ts';
import { classNames } from './class-names.ts';
import styles from './toast-list.module.css';
import { dismissToast, type Toast, toasts } from './toasts.ts';

export function ToastList() {
  const shown = useStore(toasts);
  const list = useRef<HTMLOutputElement>(null);
  // In the top layer, and newer there than a dialog that is open.
  useLayoutEffect(() => {
    const element = list.current;
    if (element?.matches(':popover-open')) element.hidePopover();
    if (shown.length > 0) element?.showPopover();
  }, [shown]);
  return (
    <output ref={list} popover="manual" className={styles['list']} aria-live="polite">
      {shown.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </output>
  );
}

function ToastItem({ toast }: { readonly toast: Toast }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (toast.stayMs === null || isHeld) return;
    const timer = setTimeout(() => dismissToast(toast.id), toast.stayMs);
    return () => clearTimeout(timer);
  }, [toast, isHeld]);
  const { action } = toast;
  return (
    <div
      className={classNames(styles['toast'], toast.tone === 'problem' && styles['problem'])}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className={styles['text']}>{toast.text}</span>
      {action && (
        <button
          type="button"
          className={styles['action']}
          onClick={() => {
            dismissToast(toast.id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" aria-label="Dismiss" onClick={() => dismissToast(toast.id)}>
        <X size={16} aria-hidden />
      </button>
    </div>
  );
}
