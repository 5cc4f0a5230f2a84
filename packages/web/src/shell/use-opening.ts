import { useEffect, useRef, useState } from 'react';
import type { DocumentOpening } from '../rooms/document-opening.ts';
import type { ProjectRooms } from '../rooms/project-rooms.ts';

/** The opening of a document. A document renamed while open keeps its opening when the address follows the new name. */
export function useOpening(rooms: ProjectRooms, path: string): DocumentOpening | null {
  const [opening, setOpening] = useState<DocumentOpening | null>(null);
  const current = useRef<{ rooms: ProjectRooms; opening: DocumentOpening } | null>(null);
  useEffect(() => {
    const held = current.current;
    if (held && held.rooms === rooms && pathNow(held.opening) === path) return;
    held?.opening.dispose();
    const made = rooms.open(path);
    current.current = { rooms, opening: made };
    setOpening(made);
  }, [rooms, path]);
  useEffect(
    () => () => {
      current.current?.opening.dispose();
      current.current = null;
    },
    [],
  );
  return opening;
}

function pathNow(opening: DocumentOpening): string {
  const state = opening.state.get();
  return state.phase === 'open' ? state.session.path : opening.path;
}
