/** The testkit's memory blobs keep the same promises as real ones. */
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { blobStoreContract } from './blob-store.contract.ts';

blobStoreContract('memory', async () => {
  const blobs = new MemoryBlobStore();
  return {
    blobs,
    damage: async (project, hash) => blobs.damage(project, hash),
    count: async () => blobs.count,
    end: async () => undefined,
  };
});
