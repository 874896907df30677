import type { Compression, Encoder } from "../run/options.js";

/** What a year file was written with, and what is added to it is written with, too. */
export interface YearSettings {
  rowGroupSize: number;
  compression: Compression;
  encoder: Encoder;
}

/** How year files that are there are added to. */
export interface UpdateInfo {
  /** What was asked for: all else is as it was when the year file was written. */
  settings: Partial<YearSettings>;
  /** Whether the year file that was there is kept. */
  keepPrevious: boolean;
}
