/** Makes rows of a record that is not simply one row. One is shared by all that read records of a file. */
export interface RowMaker {
  /** Values of the record in hand; whoever reads records may have them lie where it reads them to. */
  prices: Float64Array;
  /** Bit n: value n is missing. */
  missing: number;
  /** Most rows that a record stands for; 0 where each record simply is a row. */
  readonly width: number;
  /** Rows that must be free in the batch before the next record is taken. */
  readonly room: number;
  /** Measure of the component that the record holds; of no meaning where it holds a whole price. */
  component: number;
  /** Measure of the component that bytes [start, end) name; -1 for an unknown one. */
  componentOf(bytes: Uint8Array, start: number, end: number): number;
  /**
   * Counts the record's rows in.
   *
   * @returns how many rows of the output it stands for; or, and nothing is taken then, why there can be no such rows
   */
  commit(entity: number): number | string;
  /** Puts rows that wait for others of their interval into the batch. */
  flush(): void;
}
