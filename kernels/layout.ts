/*
 * Where things lie in a kernel's memory: plain numbers, read by TypeScript (src/) and AssemblyScript (kernels/) alike.
 */

/** Whole cents of which a price's code is looked up directly: from -1,000 $ to over 4,200 $. */
export const LOWEST_CENT = -100_000;
export const CENTS = 1 << 19;

/** Address of the state: words of four bytes. */
export const STATE = 1024;
/** Words of the state. */
export const STATE_WORDS = 32;

/** Next byte */
export const AT = 0;
/** Step to do next */
export const STEP = 1;
/** First byte of the record in hand */
export const RECORD = 2;
/** Rows in the output columns */
export const ROWS = 3;
/** Rows that they have room for */
export const MAX_ROWS = 4;
/** Entity code of the record in hand */
export const ENTITY = 5;
/** Bits of its numbers that are missing */
export const NULLS = 6;
/** 1: TypeScript counts the record in hand in */
export const COMMIT = 7;
/** 1: and every other one */
export const COMMIT_EACH = 8;
/** Steps of a record */
export const STEP_COUNT = 9;
/** Entity code before any field is read */
export const BASE_ENTITY = 10;
/** Address of the output column of entity codes */
export const CODES = 11;
/** Bounds of the field that was found last */
export const FIELD_FROM = 12;
export const FIELD_TO = 13;
/** Run dictionary: next code */
export const ENTRY_COUNT = 14;
/** Bytes of its arena in use */
export const ARENA_USED = 15;
/** Slots of its hash table, less one */
export const SLOT_MASK = 16;
/** Addresses of the steps, */
export const STEPS_AT = 17;
/** Of the dictionary's entries, */
export const ENTRIES_AT = 18;
/** Of its bytes, */
export const ARENA_AT = 19;
/** And of its hash table */
export const SLOTS_AT = 20;
/** Longest record that is plain */
export const MAX_RECORD = 21;
/** Run that tells the interval of the record in hand; 0 where rows have none stored */
export const INTERVAL = 22;
/** Address of the output column of intervals: the run that tells each */
export const INTERVALS = 23;

/** A step: words of four bytes. */
export const STEP_WORDS = 18;
export const STEP_KIND = 0;
export const STEP_MEMO = 1;
export const STEP_MEMO_LENGTH = 2;
export const STEP_FIELDS = 3;
export const STEP_IS_LAST = 4;
export const STEP_LAST_RUN = 5;
export const STEP_IS_FIRST_ENTITY = 6;
export const STEP_OUT = 7;
export const STEP_STRIDE = 8;
export const STEP_BIT = 9;
export const STEP_RECALL = 10;
/** A number that came twice in a row: a double, */
export const STEP_NUMBER = 12;
/** Its bytes to the end of the field, */
export const STEP_TEXT = 14;
/** And how many these are; 0 when there is none. */
export const STEP_TEXT_LENGTH = 11;
/** Most bytes of it. */
export const MAX_TEXT = 16;

/** What becomes of a context step whose bytes are not those of the record before: */
/** TypeScript reads them. */
export const RECALL_NOTHING = 0;
/** Those that it has read are looked up, and it counts the record in. */
export const RECALL_PARTS = 1;
/** Those that it has read are looked up, and tell the row's interval. */
export const RECALL_INTERVAL = 2;

/** What a step takes: {@link Step} in src/csv/decode-program.ts. */
export const KIND_CONTEXT = 0;
export const KIND_DESCRIPTION = 1;
export const KIND_NUMBER = 2;
export const KIND_SKIP = 3;

/** Longest stretch of bytes that is remembered. */
export const MAX_MEMO = 4096;

/** An entry of the run dictionary: words of four bytes. */
export const ENTRY_WORDS = 8;
export const ENTRY_OFFSET = 0;
export const ENTRY_LENGTH = 1;
export const ENTRY_SUCCESSOR = 2;
export const ENTRY_VALUE = 3;
export const ENTRY_OF_STEP = 4;
export const ENTRY_BEFORE = 5;
export const ENTRY_COMBINED = 6;

/** Why the decode loop stopped. */
export const STOP_END = 0;
export const STOP_ROOM = 1;
export const STOP_CONTEXT = 2;
export const STOP_RUN = 3;
export const STOP_COMBINE = 4;
export const STOP_NUMBER = 5;
export const STOP_COMMIT = 6;
export const STOP_IRREGULAR = 7;
