/**
 * A person's browser tab in a recorded session: a replica of each open document, the undo of its own edits, and the
 * frames that the page sends, into the open project's frame table as the client link does. No socket, no page.
 */
import type { CellId, DocumentId, SessionId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import type { LocalOrigin } from '@cahier/core/history/entry.ts';
import { Replica } from '@cahier/core/rooms/replica.ts';
import { type DownFrame, down } from '@cahier/protocol/client/down.ts';
import { decodeFrame, joinPayload, splitPayload } from '@cahier/protocol/frame.ts';
import type { Person } from '@cahier/server/http/principal.ts';
import { type FrameTable, type NounFrame, takeFrame } from '@cahier/server/link/frame-table.ts';
import type { RoomSession } from '@cahier/server/rooms/room-session.ts';
import * as Y from 'yjs';

const empty = new Uint8Array(0);

type Asked = Exclude<NounFrame, { t: 'doc.open' | 'doc.update' | 'presence' }>;

export interface TabDocument {
  readonly id: DocumentId;
  readonly doc: Y.Doc;
  readonly undo: Y.UndoManager;
}

export class LabTab implements RoomSession {
  readonly id: SessionId;
  readonly person: Person;
  readonly #frames: FrameTable;
  readonly #newClient: () => number;
  readonly #replicas = new Map<DocumentId, Replica>();
  readonly #opening = new Map<number, (frame: DownFrame, payload: Uint8Array) => void>();
  #asked = 0;

  constructor(id: SessionId, person: Person, frames: FrameTable, newClient: () => number) {
    this.id = id;
    this.person = person;
    this.#frames = frames;
    this.#newClient = newClient;
  }

  may(): boolean {
    return true;
  }

  send(frame: DownFrame, payload: Uint8Array = empty): void {
    switch (frame.t) {
      case 'doc.opened':
      case 'doc.refused':
        this.#opening.get(frame.re)?.(frame, payload);
        return;
      case 'doc.update':
        this.#replicas
          .get(frame.doc)
          ?.received({ ...frame, updates: splitPayload(payload, frame.parts ?? [payload.length]) });
        return;
      case 'doc.saved':
        this.#replicas.get(frame.doc)?.saved(frame.n, frame.seq);
        return;
      case 'doc.rejected':
      case 'doc.resync':
      case 'error':
        throw new Error(`${this.person.name}'s tab heard ${JSON.stringify(frame)}`);
      default:
        return;
    }
  }

  sendEncoded(bytes: Uint8Array): void {
    const { header, payload } = decodeFrame(bytes);
    this.send(down.parse(header), payload);
  }

  async open(path: string): Promise<TabDocument> {
    const doc = new Y.Doc();
    doc.clientID = this.#newClient();
    const id = (this.#asked += 1);
    const heard = new Promise<DocumentId>((resolve, reject) => {
      this.#opening.set(id, (frame, payload) => {
        if (frame.t !== 'doc.opened') return reject(new Error(`${path}: ${JSON.stringify(frame)}`));
        const [vector, update, ...fresh] = splitPayload(payload, frame.parts);
        const { epoch, mayEdit, seq, vouchers } = frame;
        this.#replicas.set(frame.doc, replica);
        if (vector && update) replica.opened(1, { epoch, mayEdit, seq, vector, update, fresh, vouchers });
        return resolve(frame.doc);
      });
    });
    const replica = new Replica(
      doc,
      {
        sendOpen: ({ n, vector }) =>
          void takeFrame(this.#frames, this, { t: 'doc.open', id, path, n }, vector),
        sendUpdates: ({ n, updates, origins }) => {
          const parts = updates.map((bytes) => bytes.length);
          const frame: NounFrame<'doc.update'> = {
            t: 'doc.update',
            doc: opened,
            n,
            parts,
            origins: [...origins],
          };
          void takeFrame(this.#frames, this, frame, joinPayload(updates));
        },
        sendRecovery: () => {
          throw new Error(`${this.person.name}'s tab has what the server has not`);
        },
        persist: () => undefined,
        statusChanged: () => undefined,
        ended: ({ why }) => {
          throw new Error(`${this.person.name}'s tab ended: ${why}`);
        },
      },
      { originOf },
    );
    replica.connected();
    const opened = await heard;
    const undo = new Y.UndoManager([doc.getMap('cells'), doc.getText('text')], {
      trackedOrigins: new Set<LocalOrigin>(['typing', 'paste', 'structure', 'rearrangement']),
      captureTimeout: 0,
    });
    return { id: opened, doc, undo };
  }

  /** A request of the page; resolves when the server has answered. */
  async ask(frame: Asked): Promise<void> {
    await takeFrame(this.#frames, this, frame, empty);
  }

  /** The caret, as others see it. */
  caret(document: TabDocument, cell: CellId, index: number): void {
    const text = cellText(document.doc, cell);
    if (!text) return;
    const at = JSON.stringify(Y.createRelativePositionFromTypeIndex(text, index));
    const state = { cell, anchor: at, head: at, isEditing: true };
    void takeFrame(this.#frames, this, { t: 'presence', doc: document.id, state }, empty);
  }
}

function originOf(origin: unknown): LocalOrigin {
  if (origin instanceof Y.UndoManager) return 'undo';
  return origin === 'paste' || origin === 'structure' || origin === 'rearrangement' ? origin : 'typing';
}
