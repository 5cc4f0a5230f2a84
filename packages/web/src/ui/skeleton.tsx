import styles from './skeleton.module.css';

const widths = ['62%', '88%', '74%', '93%', '55%', '81%', '68%', '90%'];

/** Grey lines where text will be; shown only when it takes more than half a second. */
export function Skeleton({
  lines = 4,
  label = 'Loading',
}: {
  readonly lines?: number;
  readonly label?: string;
}) {
  return (
    <output className={styles['skeleton']} aria-label={label}>
      {widths.slice(0, lines).map((width) => (
        <div key={width} className={styles['line']} style={{ width }} />
      ))}
    </output>
  );
}
