/** Tasks of the pool's threads. What one of them takes is loaded with the others, while main still plans. */
export { default as decode } from "./decode.js";
export { default as encode } from "./encode.js";
export { default as look } from "./look.js";
