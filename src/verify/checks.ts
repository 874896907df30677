/** How bad it is: an error is a file that gridparquet did not write so; a warning is data that look odd. */
export type Severity = "error" | "warning";

/** Every check, and what it means when it fails. */
export const CHECKS = {
  // the file
  unreadable: "error",
  magic: "error",
  footer: "error",
  "footer-checksum": "error",
  checksum: "error",
  manifest: "warning",
  "manifest-rows": "error",
  "missing-file": "error",
  stray: "warning",
  path: "error",
  schema: "error",
  metadata: "error",
  layout: "error",
  "row-count": "error",
  page: "error",
  statistics: "error",
  "day-counts": "error",
  // its order
  "sort-order": "error",
  "duplicate-key": "error",
  "row-group-cut": "error",
  // its times
  "operating-year": "error",
  "operating-date": "error",
  "hour-ending": "error",
  "interval-length": "error",
  "hours-of-day": "warning",
  "missing-days": "warning",
  "location-gap": "warning",
  // its values
  "not-a-number": "error",
  "price-bounds": "warning",
  components: "warning",
  // against the source files
  "deep-missing": "error",
  "deep-differs": "error",
  "deep-extra": "warning",
} as const satisfies Record<string, Severity>;

export type CheckName = keyof typeof CHECKS;

/** Something that a check has found. */
export interface Finding {
  check: CheckName;
  severity: Severity;
  /** Relative to the dataset's folder, with slashes. */
  file: string;
  /** From 0; null where no row group is meant. */
  rowGroup: number | null;
  /** Operating day, `2024-03-10`. */
  day: string | null;
  /** Location or product. */
  location: string | null;
  message: string;
}

/** Findings of one check in one file that are only counted. */
export interface OmittedFindings extends Pick<Finding, "check" | "severity" | "file"> {
  count: number;
}

/** Most findings of one check in one file that are kept. */
export const MOST_FINDINGS = 5;

/** Where a finding is; what is left out is not known or not meant. */
export type Place = Partial<Pick<Finding, "rowGroup" | "day" | "location">>;

/** Findings of one file: of each check the first few, the others as numbers. */
export class FindingList {
  readonly #file: string;
  readonly #found = new Map<CheckName, { kept: Finding[]; count: number }>();

  constructor(file: string) {
    this.#file = file;
  }

  /** @param count how many the finding stands for */
  add(check: CheckName, message: string, place: Place = {}, count = 1): void {
    const entry = this.#entry(check);
    entry.count += count;
    if (entry.kept.length >= MOST_FINDINGS) return;
    const { rowGroup = null, day = null, location = null } = place;
    const severity = CHECKS[check];
    entry.kept.push({ check, severity, file: this.#file, rowGroup, day, location, message });
  }

  /** Whether so many have been found that another would only be counted. */
  isFull(check: CheckName): boolean {
    return this.#entry(check).kept.length >= MOST_FINDINGS;
  }

  has(check: CheckName): boolean {
    return this.#entry(check).count > 0;
  }

  /** Takes over what was found in a part of the file. */
  absorb({ findings, omitted }: FoundInFile): void {
    for (const finding of findings) this.add(finding.check, finding.message, finding);
    for (const { check, count } of omitted) this.#entry(check).count += count;
  }

  result(): FoundInFile {
    const entries = [...this.#found];
    return {
      findings: entries.flatMap(([, { kept }]) => kept),
      omitted: entries
        .map(([check, { kept, count }]) => ({
          ...{ check, severity: CHECKS[check], file: this.#file },
          count: count - kept.length,
        }))
        .filter(({ count }) => count > 0),
    };
  }

  #entry(check: CheckName): { kept: Finding[]; count: number } {
    let entry = this.#found.get(check);
    if (entry === undefined) {
      entry = { kept: [], count: 0 };
      this.#found.set(check, entry);
    }
    return entry;
  }
}

export interface FoundInFile {
  findings: Finding[];
  omitted: OmittedFindings[];
}
