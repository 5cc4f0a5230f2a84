import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './button.module.css';
import { classNames } from './class-names.ts';

export type ButtonLook = 'plain' | 'primary' | 'quiet' | 'danger';

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: ButtonLook;
  readonly ref?: Ref<HTMLButtonElement>;
};

export function Button({ look = 'plain', className, type = 'button', ...rest }: Props) {
  return <button {...rest} type={type} className={classNames(buttonClass(look), className)} />;
}

/** A button that shows only an icon: `label` is its accessible name and its tip. */
export function IconButton({
  label,
  look = 'quiet',
  className,
  type = 'button',
  tipAt,
  ...rest
}: Props & { readonly label: string; readonly tipAt?: 'end' }) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      data-tip={label}
      data-tip-at={tipAt}
      className={classNames(buttonClass(look), styles['icon'], className)}
    />
  );
}

/** The look of a button for a link. */
export function buttonClass(look: ButtonLook = 'plain'): string {
  return classNames(styles['button'], look !== 'plain' && styles[look]);
}
