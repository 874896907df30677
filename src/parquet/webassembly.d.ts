/** The part of WebAssembly that is used here; Node has it, but its types come only with a browser's. */
declare namespace WebAssembly {
  // biome-ignore lint/suspicious/noEmptyInterface: opaque by design
  interface Module {}
  function compile(bytes: Uint8Array): Promise<Module>;
}
