/** Everything under one project's address: its link and rooms live as long as the visitor stays in the project. */
import type { AppError } from '@cahier/base/app-error.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { api } from '../link/api.ts';
import type { CloseVerdict } from '../link/classify-close.ts';
import type { LinkState, Welcome } from '../link/project-link.ts';
import { useAnswer } from '../link/use-answer.ts';
import { ProjectRooms } from '../rooms/project-rooms.ts';
import { useStore } from '../rooms/use-store.ts';
import { keptName, keepName } from './kept-names.ts';
import { LinkEnded } from './link-ended.tsx';

export interface ProjectView {
  readonly id: ProjectId;
  readonly rooms: ProjectRooms;
  readonly link: LinkState;
  /** Of the last connection; null before the first. */
  readonly welcome: Welcome | null;
  /** Best known name; empty until known. */
  readonly name: string;
  readonly mayEdit: boolean;
  /** Told by the server; false until it was heard. */
  readonly mayReadHistory: boolean;
  readonly isOwner: boolean;
}

const Place = createContext<ProjectView | null>(null);

/** A refused socket does not say why; the same question by HTTP does. */
function refusalOf(error: AppError | null): CloseVerdict | null {
  if (error?.kind === 'unauthenticated') return { do: 'sign-in' };
  if (error?.kind === 'forbidden') return { do: 'give-up', why: 'forbidden' };
  return error?.kind === 'not-found' ? { do: 'give-up', why: 'gone' } : null;
}

export function useProject(): ProjectView {
  const place = useContext(Place);
  if (!place) throw new Error('no project around this component');
  return place;
}

export function ProjectPlace({
  project,
  children,
}: {
  readonly project: ProjectId;
  readonly children: ReactNode;
}) {
  const [rooms, setRooms] = useState<ProjectRooms | null>(null);
  useEffect(() => {
    const made = new ProjectRooms(project);
    // A socket must not be opened while rendering: a render may be thrown away.
    // oxlint-disable-next-line react/set-state-in-effect
    setRooms(made);
    return () => made.dispose();
  }, [project]);
  return rooms && <Connected rooms={rooms}>{children}</Connected>;
}

function Connected({ rooms, children }: { readonly rooms: ProjectRooms; readonly children: ReactNode }) {
  const id = rooms.link.project;
  const link = useStore(rooms.link.state);
  const [welcome, setWelcome] = useState<Welcome | null>(null);
  if (link.phase === 'open' && link.welcome !== welcome) setWelcome(link.welcome);
  const known = useAnswer(`${id} ${welcome?.session ?? ''}`, () => api.project(id));
  const name = known.value?.name ?? keptName(id);
  useEffect(() => {
    if (known.value) keepName(id, known.value.name);
  }, [id, known.value]);
  const refused = link.phase === 'open' || link.phase === 'ended' ? null : refusalOf(known.error);
  if (refused) return <LinkEnded verdict={refused} message={known.error?.message ?? ''} />;
  if (link.phase === 'ended') return <LinkEnded verdict={link.verdict} message={link.message} />;
  const role = welcome?.role ?? known.value?.role;
  const view: ProjectView = {
    id,
    rooms,
    link,
    welcome,
    name,
    mayEdit: role === 'owner' || role === 'editor',
    mayReadHistory: welcome?.mayReadHistory ?? false,
    isOwner: role === 'owner',
  };
  return <Place value={view}>{children}</Place>;
}
