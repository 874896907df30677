export {
  type DatasetCoverage,
  type FeedCoverage,
  readCoverage,
  type YearCoverage,
} from "./dataset/coverage.js";
export type { DatasetFilter } from "./dataset/find-year-files.js";
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
  type ResumedJob,
  type RowAccount,
  type RunProgress,
  type RunTotals,
  type SkippedFile,
  type UnmappedWord,
} from "./run/options.js";
export { type RolledBackYear, rollback } from "./update/rollback.js";
export {
  type UpdatedDays,
  type UpdateOptions,
  type UpdateOutcome,
  type UpdateSummary,
  update,
} from "./update/update.js";
export type { Finding } from "./verify/checks.js";
export { type VerifyDatasetOptions, type VerifyResult, verifyDataset } from "./verify/verify-dataset.js";
