const MIB = 1 << 20;

/**
 * What is read from containers at most. Real archives of the ISOs stay far below; what goes beyond is damaged or was
 * made to do harm. None of these needs memory but `heldBytes`.
 */
export const LIMITS = {
  /** Entries in one file on disk, those of archives within it counted too. */
  entries: 100_000,
  /** Archives around an entry: zips of zips are read, zips of zips of zips are not. */
  depth: 2,
  /** An entry of more than `ratioFrom` bytes may be at most this many times as large as it is packed. */
  ratio: 200,
  ratioFrom: 64 * MIB,
  /** Bytes that all entries of one file on disk may have together when unpacked. */
  totalBytes: 256 * 1024 * MIB,
  /** Bytes of a compressed archive within an archive: its directory is at its end, so it is held in memory. */
  heldBytes: 256 * MIB,
} as const;
