/** Raised whenever a frame changes its meaning; the schema hash test reminds. Mismatch closes the socket with 4426. */
export const protocolVersion = 1;
