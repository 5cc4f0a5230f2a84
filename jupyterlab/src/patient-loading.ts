/**
 * A document that takes more than five seconds to come is waited for. The dialog that asks what to do about it stays in
 * front of the notebook when that has long come, and none of its answers makes it come sooner: a socket that does not
 * open is dialled again by itself, a server that is away is a line in the top bar, and a spinner stands where the
 * document will be.
 */
import { WebSocketProvider } from '@jupyter/docprovider';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

export const patientLoading: JupyterFrontEndPlugin<void> = {
  id: 'cahier:patient-loading',
  description: 'Waits for shared documents without a question.',
  autoStart: true,
  activate() {
    Reflect.set(WebSocketProvider.prototype, '_startLoadTimeout', () => undefined);
  },
};
