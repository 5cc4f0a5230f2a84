/** The testkit's memory objects keep the same promises as real ones. */
import { MemoryObjectStore } from '@cahier/testkit/memory-object-store.ts';
import { objectStoreContract } from './object-store.contract.ts';

objectStoreContract('memory', async () => ({ objects: new MemoryObjectStore(), end: async () => undefined }));
