/** Which noun of an open project takes which frame of a client. */
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import { splitPayload } from '@cahier/protocol/frame.ts';
import type { UpFrameOf } from '@cahier/protocol/client/up.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import type { FrameTable } from '../link/frame-table.ts';
import type { RefusedFile } from '../rooms/open-room.ts';
import { Room } from '../rooms/room.ts';
import { authorOfSession } from '../rooms/room-edit.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { NotebookRuns } from '../runs/notebook-runs.ts';
import type { ProjectRuns } from '../runs/project-runs.ts';

interface ProjectFramesDeps {
  readonly rooms: Rooms;
  readonly runs: ProjectRuns;
  /** Is the session still in the project? Opening takes time, and a tab may close meanwhile. */
  readonly isHere: (session: RoomSession) => boolean;
}

/** Text of a refused file that is shown, in bytes. */
const longestShown = 1024 * 1024;

export function projectFrames({ rooms, runs, isHere }: ProjectFramesDeps): FrameTable {
  /** The room must be open, and the session must be in it: reading a document comes before acting on it. */
  const joined = (session: RoomSession, document: DocumentId): Room => {
    const room = rooms.byDocument(document);
    if (!room?.has(session.id)) throw appError('document/not-found');
    return room;
  };
  const notebook = (session: RoomSession, document: DocumentId): NotebookRuns => {
    joined(session, document);
    const found = runs.get(document);
    if (!found) throw appError('document/not-found');
    return found;
  };

  return {
    'doc.open': {
      action: 'document.read',
      take: async (session, frame, payload) => {
        const path = normaliseProjectPath(frame.path);
        const opened = await rooms.join(session, { ...frame, path }, payload);
        if (!(opened instanceof Room)) sendRefusal(session, frame, opened);
        else if (!isHere(session)) opened.leave(session.id);
        return undefined;
      },
    },
    'doc.close': {
      action: null,
      take: (session, { doc }) => {
        rooms.byDocument(doc)?.leave(session.id);
        return undefined;
      },
    },
    // the room itself refuses: the client must learn up to which of its numbers
    'doc.update': {
      action: null,
      take: (session, { doc, n, parts, origins }, payload) => {
        const room = rooms.byDocument(doc);
        if (!room?.has(session.id)) {
          session.send({ t: 'doc.resync', doc });
          return undefined;
        }
        room.receive(session, splitPayload(payload, parts), origins, n);
        return undefined;
      },
    },
    // what the server itself gave its word for needs no right; the room looks
    'doc.recover': {
      action: null,
      take: (session, { doc, parts, vouchers }, payload) => {
        const room = rooms.byDocument(doc);
        if (!room?.has(session.id)) session.send({ t: 'doc.resync', doc });
        else room.recover(session, splitPayload(payload, parts), vouchers);
        return undefined;
      },
    },
    presence: {
      action: 'document.read',
      take: (session, { doc, state }) => {
        rooms.byDocument(doc)?.presence(session.id, state);
        return undefined;
      },
    },
    'doc.restore': {
      action: 'history.restore',
      take: async (session, frame) => {
        joined(session, frame.doc);
        return { before: await rooms.restore(session, frame) };
      },
    },
    'run.queue': {
      action: 'run',
      take: async (session, { doc, cells }) => {
        await notebook(session, doc).queue(cells, authorOfSession(session));
        return null;
      },
    },
    'run.cancel': {
      action: 'run',
      take: (session, { doc, cells }) => {
        notebook(session, doc).cancel(cells);
        return null;
      },
    },
    'outputs.clear': {
      action: 'run',
      take: (session, { doc, cells }) => {
        notebook(session, doc).clearOutputs(cells, authorOfSession(session));
        return null;
      },
    },
    'kernel.interrupt': {
      action: 'kernel.control',
      take: async (session, { doc }) => {
        await notebook(session, doc).interrupt(authorOfSession(session));
        return null;
      },
    },
    'kernel.restart': {
      action: 'kernel.control',
      take: async (session, { doc }) => {
        await notebook(session, doc).restart(authorOfSession(session));
        return null;
      },
    },
    'kernel.shutdown': {
      action: 'kernel.control',
      take: async (session, { doc }) => {
        await notebook(session, doc).shutdown(authorOfSession(session));
        return null;
      },
    },
    'kernel.select': {
      action: 'kernel.control',
      take: async (session, { doc, name }) => {
        await notebook(session, doc).selectKernel(name, authorOfSession(session));
        return null;
      },
    },
    'input.reply': {
      action: 'run',
      take: async (session, { doc, run, value }) => {
        await notebook(session, doc).answerInput(run, value);
        return null;
      },
    },
    // completion may run code of the notebook's objects
    'kernel.complete': {
      action: 'run',
      take: (session, { doc, code, cursor }) => notebook(session, doc).complete(code, cursor),
    },
    'kernel.inspect': {
      action: 'run',
      take: (session, { doc, code, cursor, detail }) => notebook(session, doc).inspect(code, cursor, detail),
    },
  };
}

function sendRefusal(session: RoomSession, { id }: UpFrameOf<'doc.open'>, refused: RefusedFile): void {
  const { error, path, bytes } = refused;
  const shown = bytes.subarray(0, longestShown);
  const isText = !shown.includes(0) && isUtf8(shown, bytes.length > longestShown);
  session.send(
    { t: 'doc.refused', re: id, path, error: toWireError(error), isText },
    isText ? shown : undefined,
  );
}

/** A cut may go through the last character. */
function isUtf8(bytes: Uint8Array, isCut: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
    return true;
  } catch {
    return false;
  }
}
