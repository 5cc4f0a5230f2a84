/**
 * Frame type → noun. The client link knows this table only; the open project fills it. The link checks `action` before
 * `take` is called; null: the noun answers for itself.
 */
import type { Json } from '@cahier/base/json.ts';
import type { Action } from '@cahier/core/access/rights.ts';
import type { UpFrame, UpFrameOf } from '@cahier/protocol/client/up.ts';
import type { RoomSession } from '../rooms/room-session.ts';

/** Frames that the link answers itself are not in the table. */
export type NounFrameType = Exclude<UpFrame['t'], 'hello' | 'ping'>;
type FrameMap = { [T in NounFrameType]: { readonly t: T } & UpFrameOf<T> };
export type NounFrame<T extends NounFrameType = NounFrameType> = { [K in T]: FrameMap[K] }[T];

/** What is answered by `reply`; undefined: the noun has answered, or there is nothing to say. */
export type FrameResult = Json | undefined;

export interface FrameTaker<T extends NounFrameType> {
  readonly action: Action | null;
  take(session: RoomSession, frame: FrameMap[T], payload: Uint8Array): FrameResult | Promise<FrameResult>;
}

export type FrameTable = { readonly [T in NounFrameType]: FrameTaker<T> };

export function actionOf(table: FrameTable, type: NounFrameType): Action | null {
  return table[type].action;
}

export function takeFrame<T extends NounFrameType>(
  table: FrameTable,
  session: RoomSession,
  frame: NounFrame<T>,
  payload: Uint8Array,
): FrameResult | Promise<FrameResult> {
  const taker: FrameTaker<T> = table[frame.t];
  return taker.take(session, frame, payload);
}
