import { loadThread } from "./load-thread.js";

/** Entry point of the threads that read a dataset back: their task. */
export default loadThread<typeof import("../../workers/verify.js")>("verify").default;
