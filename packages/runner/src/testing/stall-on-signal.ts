/** Loaded into a runner before its own code (`--import`): SIGUSR2 stops its event loop for 5 s, as a long task would. */
const stallMs = 5_000;

process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
});

export {};
