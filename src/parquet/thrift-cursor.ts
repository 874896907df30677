/** Types of Thrift's compact protocol. */
const TYPE = {
  ...{ stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6 },
  ...{ double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 },
};

/**
 * Goes through what Thrift's compact protocol has written (thrift-compact-protocol.md of Apache Thrift) without making
 * anything of it: most of a footer needs only to be stepped over.
 */
export class ThriftCursor {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Goes through the fields of a struct.
   *
   * @param onField reads a field's value; what it returns false for is stepped over
   * @throws RangeError when the bytes end too early
   */
  struct(onField: (id: number) => boolean): void {
    for (let id = 0; ; ) {
      const head = this.#byte();
      if (head === TYPE.stop) return;
      const delta = head >> 4;
      id = delta === 0 ? this.integer() : id + delta;
      if (!onField(id)) this.#skip(head & 15);
    }
  }

  /** Reads the head of a list; returns how many elements follow. */
  list(): number {
    return this.#listHead().size;
  }

  /** A whole number; exact up to 2^53. */
  integer(): number {
    const unsigned = this.#varint();
    return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
  }

  /** A string's or other bytes' place. */
  binary(): Uint8Array {
    const length = this.#varint();
    this.#advance(length);
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #listHead(): { size: number; type: number } {
    const head = this.#byte();
    return { size: head >> 4 === 15 ? this.#varint() : head >> 4, type: head & 15 };
  }

  #byte(): number {
    this.#advance(1);
    return this.#bytes[this.at - 1]!;
  }

  #advance(by: number): void {
    this.at += by;
    if (this.at > this.#bytes.length) throw new RangeError("it ends too early");
  }

  #varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  #skip(type: number): void {
    if (type === TYPE.true || type === TYPE.false) return;
    if (type === TYPE.byte) this.#advance(1);
    else if (type === TYPE.i16 || type === TYPE.i32 || type === TYPE.i64) this.#varint();
    else if (type === TYPE.double) this.#advance(8);
    else if (type === TYPE.binary) this.#advance(this.#varint());
    else if (type === TYPE.list || type === TYPE.set) {
      const { size, type: of } = this.#listHead();
      for (let i = 0; i < size; i++) this.#skipElement(of);
    } else if (type === TYPE.struct) this.struct(() => false);
    else if (type === TYPE.map) this.#skipMap();
    else throw new RangeError(`it has a field of type ${type}`);
  }

  #skipMap(): void {
    const size = this.#varint();
    if (size === 0) return;
    const types = this.#byte();
    for (let i = 0; i < size; i++) {
      this.#skipElement(types >> 4);
      this.#skipElement(types & 15);
    }
  }

  /** In a list, other than in a struct, a truth value takes a byte. */
  #skipElement(type: number): void {
    this.#skip(type === TYPE.true || type === TYPE.false ? TYPE.byte : type);
  }
}

/** A whole number that is not negative, as the protocol writes it: seven bits a byte, the low ones first. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}
