import { loadThread } from "./load-thread.js";

/** Entry point of the writer's thread. */
loadThread("writer");
