/** Walks through the history by steps, bursts, runs, errors, pastes, authors and days; says so where there are none. */
import { momentFlags } from '@cahier/core/history/timeline.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { useRef } from 'react';
import { problemToast, toast } from '../ui/toasts.ts';
import type { HistoryAction } from './history-keys.ts';
import { burst, byAuthor, byDay, candidates, type Direction, hasFlags, runFlags } from './moves.ts';
import type { PastReader } from './past-reader.ts';
import type { Track } from './track.ts';
import type { Story } from './use-story.ts';

interface Walking {
  readonly track: Track;
  readonly story: Story | null;
  readonly reader: PastReader;
  readonly seq: number;
  /** Only this author's work is walked to; null: another author than before. */
  readonly highlighted: number | null;
  readonly goTo: (seq: number) => void;
}

export type Go = Extract<HistoryAction, { readonly go: string }>;

export function useWalk({ track, story, reader, seq, highlighted, goTo }: Walking): (action: Go) => void {
  const searches = useRef(0);
  const search = async (flags: number, by: Direction, what: string) => {
    searches.current += 1;
    const mine = searches.current;
    const is = (step: Step) => hasFlags(step, flags);
    for (const { from, to } of candidates(track.moments, seq, by, flags)) {
      const inside = story?.work.steps.filter((step) => step.seq > from && step.seq <= to);
      const found = inside
        ? ((by === -1 ? inside.findLast(is) : inside.find(is))?.seq ?? null)
        : await reader.find(from, to, is, by === -1);
      if (mine !== searches.current) return;
      if (found !== null) {
        goTo(found);
        return;
      }
    }
    toast(by === 1 ? `No ${what} after this moment.` : `No ${what} before this moment.`);
  };
  const walkTo = (to: number | null, what: string) => {
    if (to === null) toast(`No ${what} on that side.`);
    else goTo(to);
  };
  return (action) => {
    switch (action.go) {
      case 'first':
        return goTo(track.first);
      case 'last':
        return goTo(track.last);
      case 'step':
        return goTo(track.step(seq, action.by) ?? seq);
      case 'burst':
        return goTo(burst(track.moments, seq, action.by));
      case 'author':
        return walkTo(byAuthor(track.moments, seq, action.by, highlighted), 'other author');
      case 'day':
        return walkTo(byDay(track.moments, seq, action.by), 'other day');
      case 'run':
        return void search(runFlags, action.by, 'run').catch(problemToast);
      case 'error':
        return void search(momentFlags.failedRun, action.by, 'error').catch(problemToast);
      case 'paste':
        return void search(momentFlags.paste, action.by, 'paste').catch(problemToast);
      default:
        return action satisfies never;
    }
  };
}
