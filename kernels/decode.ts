/*
 * The decode loop: whole plain records, from bytes to columns. What repeats is compared, not read; only numbers are
 * parsed in every record. Whatever the loop is not sure of it leaves to TypeScript (src/csv/record-kernel.ts), which
 * puts the answer into the state and calls it again: it goes on in the middle of the record.
 *
 * The caller lays the memory out and writes the addresses into the state words; see src/csv/kernel-memory.ts.
 */

import {
  ARENA_AT,
  ARENA_USED,
  AT,
  BASE_ENTITY,
  CODES,
  COMMIT,
  COMMIT_EACH,
  ENTITY,
  ENTRIES_AT,
  ENTRY_BEFORE,
  ENTRY_COMBINED,
  ENTRY_COUNT,
  ENTRY_LENGTH,
  ENTRY_OF_STEP,
  ENTRY_OFFSET,
  ENTRY_SUCCESSOR,
  ENTRY_VALUE,
  ENTRY_WORDS,
  FIELD_FROM,
  FIELD_TO,
  INTERVAL,
  INTERVALS,
  KIND_CONTEXT,
  KIND_DESCRIPTION,
  KIND_NUMBER,
  MAX_MEMO,
  MAX_RECORD,
  MAX_ROWS,
  MAX_TEXT,
  NULLS,
  RECALL_INTERVAL,
  RECALL_NOTHING,
  RECORD,
  ROWS,
  SLOT_MASK,
  SLOTS_AT,
  STATE,
  STEP,
  STEP_BIT,
  STEP_COUNT,
  STEP_FIELDS,
  STEP_IS_FIRST_ENTITY,
  STEP_IS_LAST,
  STEP_KIND,
  STEP_LAST_RUN,
  STEP_MEMO,
  STEP_MEMO_LENGTH,
  STEP_NUMBER,
  STEP_OUT,
  STEP_RECALL,
  STEP_STRIDE,
  STEP_TEXT,
  STEP_TEXT_LENGTH,
  STEP_WORDS,
  STEPS_AT,
  STOP_COMBINE,
  STOP_COMMIT,
  STOP_CONTEXT,
  STOP_END,
  STOP_IRREGULAR,
  STOP_NUMBER,
  STOP_ROOM,
  STOP_RUN,
} from "./layout";

const LF: u8 = 10;
const CR: u8 = 13;
const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const MINUS: u8 = 45;
const DOT: u8 = 46;
const SPACE: u8 = 32;
const TAB: u8 = 9;
/** Longest number of digits that a double holds exactly whatever they are. */
const EXACT_DIGITS = 15;

const POWERS_OF_TEN = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]);

/** From MAX_TEXT - n on: a mask for the first n bytes. */
const FIRST_BYTES = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

// @ts-ignore: decorator
@inline
function word(index: i32): i32 {
  return load<i32>(<usize>STATE + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function setWord(index: i32, value: i32): void {
  store<i32>(<usize>STATE + (<usize>index << 2), value);
}

// @ts-ignore: decorator
@inline
function part(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function setPart(at: usize, index: i32, value: i32): void {
  store<i32>(at + (<usize>index << 2), value);
}

/** Whether `length` bytes at two places are equal; sixteen at a time, the last ones overlapping. */
// @ts-ignore: decorator
@inline
export function same(a: usize, b: usize, length: usize): bool {
  if (length >= 16) {
    const last = length - 16;
    for (let i: usize = 0; i < last; i += 16) {
      if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
    }
    return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
  }
  if (length >= 8) {
    const last = length - 8;
    return load<u64>(a) == load<u64>(b) && load<u64>(a + last) == load<u64>(b + last);
  }
  if (length >= 4) {
    const last = length - 4;
    return load<u32>(a) == load<u32>(b) && load<u32>(a + last) == load<u32>(b + last);
  }
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/**
 * Bounds of the plain field at `at`, into FIELD_FROM and FIELD_TO, without quotes, spaces and tabs around it.
 *
 * Returns where the next field, or after the last one the next record, begins; 0 when the field is not plain.
 */
export function nextField(at: usize, isLast: bool): usize {
  let p = at;
  let c = load<u8>(p);
  let from: usize;
  let to: usize;
  if (c == QUOTE) {
    from = ++p;
    for (c = load<u8>(p); c != QUOTE; c = load<u8>(++p)) if (c == LF || c == 0) return 0;
    to = p;
    c = load<u8>(++p);
    if (isLast && c == CR) c = load<u8>(++p);
  } else {
    from = p;
    while (c != COMMA && c != LF) {
      if (c == QUOTE || c == 0) return 0;
      c = load<u8>(++p);
    }
    to = isLast && p > at && load<u8>(p - 1) == CR ? p - 1 : p;
  }
  if (c != (isLast ? LF : COMMA)) return 0;
  while (from < to && (load<u8>(from) == SPACE || load<u8>(from) == TAB)) from++;
  while (from < to && (load<u8>(to - 1) == SPACE || load<u8>(to - 1) == TAB)) to--;
  setWord(FIELD_FROM, <i32>from);
  setWord(FIELD_TO, <i32>to);
  return p + 1;
}

/** Where the fields of a step end; 0 when one is not plain. The record has a line break behind it. */
export function fieldsEnd(step: i32, at: usize): usize {
  const s = <usize>word(STEPS_AT) + <usize>step * (STEP_WORDS * 4);
  const count = part(s, STEP_FIELDS);
  const isLast = part(s, STEP_IS_LAST) != 0;
  // Fields without quotes, sixteen bytes at a time.
  let left = count;
  for (let p = at, plain = true; plain; p += 16) {
    const bytes = v128.load(p);
    const isEnd = v128.or(
      i8x16.eq(bytes, i8x16.splat(<i8>COMMA)),
      i8x16.eq(bytes, i8x16.splat(<i8>LF)),
    );
    const isOther = v128.or(
      i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)),
      i8x16.eq(bytes, i8x16.splat(0)),
    );
    for (let found = i8x16.bitmask(v128.or(isEnd, isOther)); found != 0; found &= found - 1) {
      const next = p + <usize>ctz(found);
      const c = load<u8>(next);
      if (c == LF) return isLast && left == 1 ? next + 1 : 0;
      if (c != COMMA) {
        plain = false;
        break;
      }
      if (left == 1) return isLast ? 0 : next + 1;
      left--;
    }
  }
  for (let field = 1; field <= count && at != 0; field++) at = nextField(at, isLast && field == count);
  return at;
}

function isAscii(at: usize, end: usize): bool {
  for (; at + 16 <= end; at += 16) if (i8x16.bitmask(v128.load(at)) != 0) return false;
  for (; at < end; at++) if (load<u8>(at) > 127) return false;
  return true;
}

/** A hash of the bytes, eight at a time, the last ones overlapping. */
function hash(step: i32, at: usize, length: usize): u32 {
  let h: u64 = <u64>length ^ (<u64>step << 32);
  if (length >= 8) {
    const last = length - 8;
    for (let i: usize = 0; i < last; i += 8) h = mix(h, load<u64>(at + i));
    h = mix(h, load<u64>(at + last));
  } else for (let i: usize = 0; i < length; i++) h = mix(h, <u64>load<u8>(at + i));
  return <u32>(h ^ (h >> 32));
}

// @ts-ignore: decorator
@inline
function mix(h: u64, value: u64): u64 {
  const m = (h ^ value) * 0x9e3779b97f4a7c15;
  return m ^ (m >> 29);
}

// @ts-ignore: decorator
@inline
function entryOf(code: i32): usize {
  return <usize>word(ENTRIES_AT) + <usize>code * (ENTRY_WORDS * 4);
}

/** Code of the run of bytes, or -1. Codes begin at 1. */
export function findRun(step: i32, at: usize, length: usize): i32 {
  const mask = <u32>word(SLOT_MASK);
  const slots = <usize>word(SLOTS_AT);
  const arena = <usize>word(ARENA_AT);
  let slot = hash(step, at, length) & mask;
  let code = load<i32>(slots + (<usize>slot << 2));
  while (code != 0) {
    const entry = entryOf(code);
    if (
      <usize>part(entry, ENTRY_LENGTH) == length &&
      part(entry, ENTRY_OF_STEP) == step &&
      same(arena + <usize>part(entry, ENTRY_OFFSET), at, length)
    ) {
      return code;
    }
    slot = (slot + 1) & mask;
    code = load<i32>(slots + (<usize>slot << 2));
  }
  return -1;
}

/** Adds bytes that `findRun` did not know; returns their code. The caller has seen that there is room. */
export function addRun(step: i32, at: usize, length: usize, value: i32): i32 {
  const code = word(ENTRY_COUNT);
  const used = word(ARENA_USED);
  const entry = entryOf(code);
  memory.copy(<usize>word(ARENA_AT) + <usize>used, at, length);
  setPart(entry, ENTRY_OFFSET, used);
  setPart(entry, ENTRY_LENGTH, <i32>length);
  setPart(entry, ENTRY_SUCCESSOR, 0);
  setPart(entry, ENTRY_VALUE, value);
  setPart(entry, ENTRY_OF_STEP, step);
  setPart(entry, ENTRY_BEFORE, -1);
  setPart(entry, ENTRY_COMBINED, 0);
  setWord(ENTRY_COUNT, code + 1);
  setWord(ARENA_USED, used + <i32>length);
  if (<u32>(code + 1) * 2 > <u32>word(SLOT_MASK)) growSlots();
  else placeRun(code);
  return code;
}

function placeRun(code: i32): void {
  const mask = <u32>word(SLOT_MASK);
  const slots = <usize>word(SLOTS_AT);
  const entry = entryOf(code);
  const at = <usize>word(ARENA_AT) + <usize>part(entry, ENTRY_OFFSET);
  let slot = hash(part(entry, ENTRY_OF_STEP), at, <usize>part(entry, ENTRY_LENGTH)) & mask;
  while (load<i32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
  store<i32>(slots + (<usize>slot << 2), code);
}

function growSlots(): void {
  const mask = ((<u32>word(SLOT_MASK) + 1) << 2) - 1;
  setWord(SLOT_MASK, <i32>mask);
  memory.fill(<usize>word(SLOTS_AT), 0, (<usize>mask + 1) << 2);
  const count = word(ENTRY_COUNT);
  for (let code = 1; code < count; code++) placeRun(code);
}

/** Takes records from AT up to `end`, which is right after a line break; returns why it stopped. */
export function run(end: usize): i32 {
  let at = <usize>word(AT);
  let step = word(STEP);
  let record = <usize>word(RECORD);
  let rows = word(ROWS);
  let entity = word(ENTITY);
  let nulls = word(NULLS);
  let commit = word(COMMIT);
  let interval = word(INTERVAL);
  const intervals = <usize>word(INTERVALS);
  const each = word(COMMIT_EACH);
  const stepCount = word(STEP_COUNT);
  const maxRows = word(MAX_ROWS);
  const codes = <usize>word(CODES);
  const steps = <usize>word(STEPS_AT);
  const arena = <usize>word(ARENA_AT);
  const base = word(BASE_ENTITY);
  const maxRecord = <usize>word(MAX_RECORD);
  let stop = -1;
  while (true) {
    if (step == 0) {
      if (record >= end) {
        stop = STOP_END;
        break;
      }
      if (rows >= maxRows) {
        stop = STOP_ROOM;
        break;
      }
    }
    for (; step < stepCount; step++) {
      const s = steps + <usize>step * (STEP_WORDS * 4);
      const kind = part(s, STEP_KIND);
      if (kind == KIND_NUMBER) {
        const stride = <usize>part(s, STEP_STRIDE);
        const out = <usize>part(s, STEP_OUT) + <usize>rows * stride;
        const length = <usize>part(s, STEP_TEXT_LENGTH);
        if (length != 0) {
          // Some columns have one number for hours of records.
          const other = v128.xor(v128.load(at), v128.load(s + (STEP_TEXT << 2)));
          if (!v128.any_true(v128.and(other, v128.load(FIRST_BYTES + <usize>MAX_TEXT - length)))) {
            store<f64>(out, load<f64>(s + (STEP_NUMBER << 2)));
            at += length;
            continue;
          }
          setPart(s, STEP_TEXT_LENGTH, 0);
        }
        let p = at;
        let c = load<u8>(p);
        while (c == SPACE || c == TAB) c = load<u8>(++p);
        const negative = c == MINUS;
        if (negative) c = load<u8>(++p);
        const first = p;
        let mantissa: u64 = 0;
        let digit = <u32>c - 48;
        while (digit <= 9) {
          mantissa = mantissa * 10 + digit;
          c = load<u8>(++p);
          digit = <u32>c - 48;
        }
        let digits = <i32>(p - first);
        let decimals = 0;
        if (c == DOT) {
          const point = p + 1;
          c = load<u8>(++p);
          digit = <u32>c - 48;
          while (digit <= 9) {
            mantissa = mantissa * 10 + digit;
            c = load<u8>(++p);
            digit = <u32>c - 48;
          }
          decimals = <i32>(p - point);
          digits += decimals;
        }
        while (c == SPACE || c == TAB) c = load<u8>(++p);
        if (part(s, STEP_IS_LAST)) {
          if (c == CR) c = load<u8>(++p);
          if (c != LF) digits = 99;
        } else if (c != COMMA) digits = 99;
        const bit = part(s, STEP_BIT);
        if (digits > 0 && digits <= EXACT_DIGITS) {
          let value = <f64>mantissa / load<f64>(POWERS_OF_TEN + (<usize>decimals << 3));
          if (negative) value = -value;
          // The record before had the same number. Before the first row anything may lie, and be taken for it: what is
          // remembered is right all the same.
          if (load<f64>(out - stride) == value && p - at < <usize>MAX_TEXT) {
            store<f64>(s + (STEP_NUMBER << 2), value);
            v128.store(s + (STEP_TEXT << 2), v128.load(at));
            setPart(s, STEP_TEXT_LENGTH, <i32>(p + 1 - at));
          }
          store<f64>(out, value);
        } else if (bit != 0 && p == at && c == COMMA && !part(s, STEP_IS_LAST)) {
          nulls |= bit;
          store<f64>(out, 0);
        } else {
          stop = STOP_NUMBER;
          break;
        }
        at = p + 1;
      } else if (kind == KIND_CONTEXT) {
        const recall = part(s, STEP_RECALL);
        if (recall == RECALL_NOTHING) {
          const length = <usize>part(s, STEP_MEMO_LENGTH);
          if (length == 0 || !same(<usize>part(s, STEP_MEMO), at, length)) {
            stop = STOP_CONTEXT;
            break;
          }
          at += length;
        } else {
          const last = part(s, STEP_LAST_RUN);
          let code = last;
          let entry = entryOf(code);
          let length = <usize>part(entry, ENTRY_LENGTH);
          if (!same(arena + <usize>part(entry, ENTRY_OFFSET), at, length)) {
            code = part(entry, ENTRY_SUCCESSOR);
            entry = entryOf(code);
            length = <usize>part(entry, ENTRY_LENGTH);
            if (length == 0 || !same(arena + <usize>part(entry, ENTRY_OFFSET), at, length)) {
              const next = fieldsEnd(step, at);
              length = next - at;
              code = next == 0 ? -1 : findRun(step, at, length);
              if (code < 0) {
                stop = STOP_CONTEXT;
                break;
              }
              setPart(entryOf(last), ENTRY_SUCCESSOR, code);
            }
            setPart(s, STEP_LAST_RUN, code);
            if (recall == RECALL_INTERVAL) interval = code;
            else commit = 1;
          }
          at += length;
        }
      } else if (kind == KIND_DESCRIPTION) {
        const last = part(s, STEP_LAST_RUN);
        let code = part(entryOf(last), ENTRY_SUCCESSOR);
        let entry = entryOf(code);
        let length = <usize>part(entry, ENTRY_LENGTH);
        if (length == 0 || !same(arena + <usize>part(entry, ENTRY_OFFSET), at, length)) {
          const next = fieldsEnd(step, at);
          if (next == 0) {
            stop = STOP_IRREGULAR;
            break;
          }
          length = next - at;
          code = findRun(step, at, length);
          if (code < 0) {
            stop = STOP_RUN;
            break;
          }
          entry = entryOf(code);
          // Code 0 stands before the first run of every step: nothing may be guessed from it.
          if (last != 0) setPart(entryOf(last), ENTRY_SUCCESSOR, code);
        }
        setPart(s, STEP_LAST_RUN, code);
        at += length;
        if (part(s, STEP_IS_FIRST_ENTITY)) entity = part(entry, ENTRY_VALUE);
        else if (part(entry, ENTRY_BEFORE) == entity) entity = part(entry, ENTRY_COMBINED);
        else {
          stop = STOP_COMBINE;
          break;
        }
      } else {
        const memo = <usize>part(s, STEP_MEMO);
        let length = <usize>part(s, STEP_MEMO_LENGTH);
        if (length == 0 || !same(memo, at, length)) {
          const next = fieldsEnd(step, at);
          if (next == 0) {
            stop = STOP_IRREGULAR;
            break;
          }
          if (!isAscii(at, next)) {
            stop = STOP_CONTEXT;
            break;
          }
          length = next - at;
          if (length <= <usize>MAX_MEMO) {
            memory.copy(memo, at, length);
            setPart(s, STEP_MEMO_LENGTH, <i32>length);
          }
        }
        at += length;
      }
    }
    if (stop >= 0) break;
    if (at - record > maxRecord) {
      stop = STOP_IRREGULAR;
      break;
    }
    if ((commit | each | nulls) != 0) {
      stop = STOP_COMMIT;
      break;
    }
    store<i32>(codes + (<usize>rows << 2), entity);
    if (interval != 0) store<i32>(intervals + (<usize>rows << 2), interval);
    rows++;
    record = at;
    step = 0;
    entity = base;
  }
  setWord(AT, <i32>at);
  setWord(STEP, step);
  setWord(RECORD, <i32>record);
  setWord(ROWS, rows);
  setWord(ENTITY, entity);
  setWord(NULLS, nulls);
  setWord(COMMIT, commit);
  setWord(INTERVAL, interval);
  return stop;
}
