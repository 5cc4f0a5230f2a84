import styles from './key-caps.module.css';

/** Keys as caps: each inner list is one stroke. */
export function KeyCaps({ strokes }: { readonly strokes: readonly (readonly string[])[] }) {
  return (
    <span className={styles['keys']}>
      {strokes.map((caps, i) => (
        // oxlint-disable-next-line react/no-array-index-key
        <span key={`${caps.join('+')}-${i}`} className={styles['stroke']}>
          {caps.map((cap) => (
            <kbd key={cap} className={styles['cap']}>
              {cap}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
