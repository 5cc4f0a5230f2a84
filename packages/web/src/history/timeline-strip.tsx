/** The timeline as a picture: who wrote when, and ticks where something stood out. Decoration; the words are beside it. */
import { momentFlags } from '@cahier/core/history/timeline.ts';
import type { Timeline } from '@cahier/protocol/http/history.ts';
import { useEffect, useRef } from 'react';
import { theme } from '../shell/theme.ts';
import { useStore } from '../rooms/use-store.ts';
import styles from './history-panel.module.css';

const ticks: readonly (readonly [flags: number, variable: string])[] = [
  [momentFlags.run, '--ok'],
  [momentFlags.failedRun, '--danger'],
  [momentFlags.disk | momentFlags.paste, '--text-faint'],
  [momentFlags.restore | momentFlags.named, '--accent'],
  [momentFlags.kernel, '--warning'],
];

export function TimelineStrip({ timeline }: { readonly timeline: Timeline }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useStore(theme);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => draw(element, timeline));
    observer.observe(element);
    return () => observer.disconnect();
    // A change of theme changes the colours that are read while drawing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [timeline, scheme]);
  return <canvas ref={canvas} className={styles['strip']} aria-hidden />;
}

function draw(canvas: HTMLCanvasElement, { moments, authors }: Timeline): void {
  const ratio = devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const probe = document.createElement('span');
  canvas.after(probe);
  const colorOf = (variable: string) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const colors = new Map(ticks.map(([, variable]) => [variable, colorOf(variable)]));
  const fallback = style.color;
  probe.remove();
  const step = width / Math.max(1, moments.length);
  const band = height - 7;
  moments.forEach(([, , author], i) => {
    context.fillStyle = authors[author]?.color ?? fallback;
    context.fillRect(i * step, 0, Math.max(step - (step > 4 ? 1 : 0), 0.6), band);
  });
  for (const [flags, variable] of ticks) {
    context.fillStyle = colors.get(variable) ?? fallback;
    moments.forEach((moment, i) => {
      if (moment[4] & flags) context.fillRect(i * step + step / 2 - 1, band + 2, 2.5, 5);
    });
  }
}
