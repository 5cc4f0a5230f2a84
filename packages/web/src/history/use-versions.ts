/** Moments that stand out by a name: those that people named, and the commits that Git has of the file. */
import type { GitLog } from '@cahier/protocol/http/git.ts';
import type { NamedMomentOnWire } from '@cahier/protocol/http/history.ts';
import { useMemo } from 'react';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { commitWords } from './compared-side.ts';
import type { Track } from './track.ts';

/** Something with a name, at its step. */
export interface Pin {
  readonly seq: number;
  readonly kind: 'named' | 'commit';
  readonly label: string;
  /** What is said of it on hover. */
  readonly words: string;
}

export interface Versions {
  readonly names: readonly NamedMomentOnWire[];
  /** Null: not here yet. */
  readonly git: GitLog | null;
  readonly gitError: string | null;
  readonly nameAt: (seq: number) => string | null;
  readonly reload: () => void;
}

/** `isWanted` false: not yet; the document comes first. */
export function useVersions(session: DocumentSession, isWanted: boolean): Versions {
  const { project, doc, path } = session;
  const known = useAnswer(isWanted ? `names ${doc}` : '', async () =>
    isWanted ? api.names(project, doc) : null,
  );
  const git = useAnswer(isWanted ? `git ${path}` : '', async () =>
    isWanted ? api.gitLog(project, path) : null,
  );
  const { reload } = known;
  return useMemo(() => {
    const names = known.value ?? [];
    return {
      names,
      git: git.value,
      gitError: git.error?.message ?? null,
      nameAt: (seq) => names.find((named) => named.seq === seq)?.name ?? null,
      reload,
    };
  }, [known.value, git.value, git.error, reload]);
}

/** A commit stands at the last step before it; one made before the history began is not on the timeline. */
export function pinsOf({ names, git }: Versions, { axis, last }: Track, firstAt: number): readonly Pin[] {
  const named = names.flatMap(({ seq, name, by }): Pin[] =>
    seq <= last ? [{ seq, kind: 'named', label: name, words: `“${name}”, named by ${by}` }] : [],
  );
  const commits = (git?.commits ?? []).flatMap((commit): Pin[] =>
    commit.at < firstAt
      ? []
      : [
          {
            seq: axis.seqAtTime(commit.at),
            kind: 'commit',
            label: commit.hash.slice(0, 7),
            words: `Git: ${commitWords(commit)} by ${commit.author}`,
          },
        ],
  );
  return [...commits, ...named];
}
