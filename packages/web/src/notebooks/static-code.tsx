import { memo } from 'react';
import styles from './cell.module.css';

/** Source text that cannot be edited: looks as the editor does. */
export const StaticCode = memo(function StaticCode({ source }: { readonly source: string }) {
  return <pre className={styles['source']}>{source === '' ? '\u200b' : source}</pre>;
});
