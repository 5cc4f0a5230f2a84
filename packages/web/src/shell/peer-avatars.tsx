import type { PresenceStore } from '../rooms/presence-store.ts';
import { useStore } from '../rooms/use-store.ts';
import { AvatarRow } from '../ui/avatar.tsx';
import { useProject } from './project-place.tsx';

/** The others in this document: each person once, however many tabs they have. */
export function PeerAvatars({ presence }: { readonly presence: PresenceStore }) {
  const { welcome } = useProject();
  const peers = useStore(presence);
  const people = new Map(peers.map((peer) => [peer.person.id, peer.person]));
  if (welcome) people.delete(welcome.person.id);
  return <AvatarRow people={[...people.values()]} label="Also here" />;
}
