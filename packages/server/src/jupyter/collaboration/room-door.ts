/**
 * The way into a shared room, `/p/<project>/api/collaboration/room/<format>:<type>:<document>?sessionId=<epoch>`: finds
 * the document, checks that the client has the same history of it, and lets it in. What cannot be opened is said by the
 * close codes that jupyter-collaboration knows before the first sync (4400, 4404, 4500); what passes by 1013: try again.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { asDocumentId } from '@cahier/base/ids.ts';
import type { KindId } from '@cahier/core/documents/kind.ts';
import type { WebSocket } from 'ws';
import type { AdmittedByDoor, Door } from '../../http/door.ts';
import type { LabRooms } from './lab-rooms.ts';
import { LabSocket, longestMessage } from './lab-socket.ts';
import { endOfSession, type Refusal } from './session-refusals.ts';

const globalAwareness = 'JupyterLab:globalAwareness';
const roomName = /^(json:notebook|text:file):([A-Za-z0-9_-]{1,64})$/;
const kindOf: Readonly<Record<string, KindId>> = { 'json:notebook': 'notebook', 'text:file': 'text' };

/** What a session of a document of this kind is called. */
export const sessionTypes = {
  notebook: { format: 'json', type: 'notebook' },
  text: { format: 'text', type: 'file' },
} as const satisfies Record<KindId, { readonly format: string; readonly type: string }>;

export function roomDoor(rooms: LabRooms): Door {
  return {
    path: /^\/p\/([A-Za-z0-9_-]{1,128})\/api\/collaboration\/room\/([^?]{1,1024})$/,
    action: 'document.read',
    longestMessage,
    onSocket: (socket, client) => void enter(rooms, socket, client),
  };
}

async function enter(rooms: LabRooms, webSocket: WebSocket, admitted: AdmittedByDoor): Promise<void> {
  const { project: id, principal, role, names, query } = admitted;
  const { clock, logger, access, open } = rooms.deps;
  const socket = new LabSocket({
    socket: webSocket,
    client: { project: id, principal, role },
    access: () => access(id),
    clock,
    logger,
  });
  const name = names[0] ?? '';
  const [, kind = '', document = ''] = roomName.exec(name) ?? [];
  const refuse = (refusal: Refusal) => rooms.refusals.refuse(socket, name, refusal);
  if (document === '' && name !== globalAwareness)
    return refuse({ code: 4400, reason: 'there is no such kind of room' });
  try {
    const project = await open(id);
    if (name === globalAwareness) return rooms.globalAwareness(project).join(socket);
    const opening = await project.rooms.openDocument(asDocumentId(document));
    if (!opening.ok) throw opening.refused.error;
    if (opening.open.room.kind !== kindOf[kind]) {
      return refuse({ code: 4400, reason: 'the document is of another kind' });
    }
    const room = await rooms.room(project, opening.open);
    if (!socket.isOpen) return;
    const epoch = query.get('sessionId');
    if (epoch === null || epoch === room.epoch) return room.join(socket, epoch !== null);
    rooms.refusals.refuse(socket, `${document} ${epoch.slice(0, 64)}`, endOfSession(room.epoch));
  } catch (error) {
    const isKnown = error instanceof AppError;
    if (!isKnown) logger.error({ err: error, document }, 'a lab room did not open');
    if (isKnown && error.kind === 'unavailable') return socket.close(1013, error.code);
    const reason = isKnown ? error.code : 'internal';
    refuse({ code: isKnown && error.kind === 'not-found' ? 4404 : 4500, reason });
  }
}
