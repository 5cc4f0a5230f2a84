/** A line across the page that stays while something is so. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './notice.module.css';

interface Props {
  readonly tone: 'calm' | 'warning' | 'problem';
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

export function Notice({ tone, children, actions }: Props) {
  const Icon = tone === 'calm' ? Info : tone === 'warning' ? TriangleAlert : CircleAlert;
  return (
    <output className={classNames(styles['notice'], tone !== 'warning' && styles[tone])}>
      <Icon size={17} aria-hidden />
      <div className={styles['text']}>{children}</div>
      {actions}
    </output>
  );
}
