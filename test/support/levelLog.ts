/** What LevelDB's write-ahead files and MANIFEST are made of, to lay out directories as a power cut may leave them. */

const BLOCK = 32_768;

function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A log file of these records, each cut into as many parts as blocks demand. */
export function logFile(records: readonly Buffer[]): Buffer {
  const out: Buffer[] = [];
  let room = BLOCK;
  for (const record of records) {
    let at = 0;
    do {
      if (room < 7) {
        out.push(Buffer.alloc(room));
        room = BLOCK;
      }
      const part = record.subarray(at, at + room - 7);
      const first = at === 0;
      at += part.length;
      const last = at === record.length;
      const typed = Buffer.concat([Buffer.of(first ? (last ? 1 : 2) : last ? 4 : 3), part]);
      const crc = crc32c(typed);
      const header = Buffer.alloc(6);
      header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 0);
      header.writeUInt16LE(part.length, 4);
      out.push(header, typed);
      room -= 7 + part.length;
    } while (at < record.length);
  }
  return Buffer.concat(out);
}

/** A batch of `count` writes from a sequence number on, as far as anybody looks into it. */
export function batch(sequence: number, count: number, bytes: number): Buffer {
  const record = Buffer.alloc(Math.max(12, bytes), 7);
  record.writeBigUInt64LE(BigInt(sequence), 0);
  record.writeUInt32LE(count, 8);
  return record;
}
