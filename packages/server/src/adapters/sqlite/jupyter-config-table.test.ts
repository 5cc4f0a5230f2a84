import { configStoreContract } from '../../jupyter/config-store.contract.ts';
import { JupyterConfigTable } from './jupyter-config-table.ts';
import { MainDatabase } from './main-database.ts';

configStoreContract(async () => {
  const db = new MainDatabase(':memory:');
  db.sql.exec(`
    insert into project values ('p1', 'One', '/1', 1, 1), ('p2', 'Two', '/2', 1, 1);
  `);
  return new JupyterConfigTable(db);
});
