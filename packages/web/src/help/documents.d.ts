/** What Vite makes of the documents and pictures that the help pages bring. */
declare module 'help:*.md?raw' {
  const text: string;
  export default text;
}
declare module 'help:*.png?url' {
  const address: string;
  export default address;
}
