/** The testkit's memory step log keeps the same promises as a real one. */
import { asDocumentId } from '@cahier/base/ids.ts';
import { MemoryStepLog } from '@cahier/testkit/memory-step-log.ts';
import { stepLogContract } from './step-log.contract.ts';

stepLogContract('memory', async () => {
  const steps = new MemoryStepLog();
  return {
    steps,
    reopen: async () => steps,
    damage: async (from) => steps.damage(asDocumentId('d1'), from),
    end: async () => undefined,
  };
});
