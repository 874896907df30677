export { type ErrorCode, EXIT, GridparquetError } from "./errors.js";
export type { FeedDefinition } from "./feeds/feed-definition.js";
export { loadFeeds } from "./feeds/load-feeds.js";
export { convert } from "./run/convert.js";
export {
  type Compression,
  type ConvertOptions,
  type ConvertSummary,
  DEFAULTS,
  type Failure,
  type FileAccount,
  type JobProgress,
  type LogLevel,
  type OutputFile,
  type RowAccount,
  type RunProgress,
  type RunTotals,
  type SkippedFile,
  type UnmappedWord,
} from "./run/options.js";
