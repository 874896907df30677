import { decodeFiles } from "../src/run/decode-files.js";

/** Pool task: decodes files and streams batches to the writer. */
export default decodeFiles;
