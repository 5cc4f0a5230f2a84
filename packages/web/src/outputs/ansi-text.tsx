/** Terminal text as elements. Web addresses in it become links. */
import { memo, type CSSProperties, type ReactNode } from 'react';
import { type AnsiColor, type AnsiSegment, type AnsiStyle, parseAnsi, plainStyle } from './ansi.ts';

export const AnsiText = memo(function AnsiText({ text }: { readonly text: string }) {
  if (!text.includes('\u001b')) return <>{withLinks(text)}</>;
  return (
    <>
      {parseAnsi(text).segments.map((segment, i) => (
        <Piece key={i} segment={segment} />
      ))}
    </>
  );
});

function Piece({ segment }: { readonly segment: AnsiSegment }) {
  const content = segment.href ? (
    <a href={segment.href} target="_blank" rel="noopener noreferrer nofollow">
      {segment.text}
    </a>
  ) : (
    withLinks(segment.text)
  );
  if (segment.style === plainStyle) return <>{content}</>;
  return <span style={cssOf(segment.style)}>{content}</span>;
}

const address = /\bhttps?:\/\/[^\s<>"'`)\]]+[^\s<>"'`)\].,;:!?]/g;
/** Above this many characters addresses are left alone: a log is read, not clicked. */
const linkLimit = 20_000;

function withLinks(text: string): ReactNode {
  if (text.length > linkLimit || !text.includes('://')) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(address)) {
    parts.push(text.slice(at, match.index));
    parts.push(
      <a key={match.index} href={match[0]} target="_blank" rel="noopener noreferrer nofollow">
        {match[0]}
      </a>,
    );
    at = match.index + match[0].length;
  }
  if (at === 0) return text;
  parts.push(text.slice(at));
  return parts;
}

function cssOf(style: AnsiStyle): CSSProperties {
  const color = style.color === undefined ? undefined : cssColor(style.color);
  const background = style.background === undefined ? undefined : tint(style.background);
  const decoration = [style.isUnderlined ? 'underline' : '', style.isStruck ? 'line-through' : '']
    .join(' ')
    .trim();
  return {
    color: style.isInverse ? (background ?? 'var(--output-background, Canvas)') : color,
    background: style.isInverse ? (color ?? 'currentColor') : background,
    ...(style.isBold ? { fontWeight: 650 } : {}),
    ...(style.isDim ? { opacity: 0.7 } : {}),
    ...(style.isItalic ? { fontStyle: 'italic' } : {}),
    ...(decoration ? { textDecoration: decoration } : {}),
    ...(style.isHidden ? { visibility: 'hidden' } : {}),
  };
}

/** Backgrounds of the palette are tints: the text on them was chosen for another theme and must stay readable. */
function tint(color: AnsiColor): string {
  return typeof color === 'string' ? color : `color-mix(in srgb, var(--ansi-${color}) 24%, transparent)`;
}

function cssColor(color: AnsiColor): string {
  return typeof color === 'string' ? color : `var(--ansi-${color})`;
}
