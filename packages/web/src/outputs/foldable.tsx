/** Folds what is much taller than a screen; the page scrolls, never the box. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './outputs.module.css';

const foldAbove = 1_400;

export function Foldable({ children }: { readonly children: ReactNode }) {
  const content = useRef<HTMLDivElement>(null);
  const [isTall, setIsTall] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const element = content.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setIsTall(element.scrollHeight > foldAbove));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <>
      <div className={isTall && !isOpen ? styles['folded'] : undefined}>
        <div ref={content}>{children}</div>
      </div>
      {isTall && (
        <div className={styles['gap']}>
          <button
            type="button"
            className={styles['more']}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? 'Fold this output' : 'Show all of this output'}
          </button>
        </div>
      )}
    </>
  );
}
