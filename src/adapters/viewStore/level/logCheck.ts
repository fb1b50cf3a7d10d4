import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/*
 * Commits are not synced. After a power cut, the newest commits may be missing. That does no harm: rows and checkpoint are
 * written together, and the log of events is folded again from there. But the disk may write in any order: an earlier commit can
 * be missing while a later one is there. LevelDB skips what it cannot read. It would open such a store without any error,
 * although rows below the checkpoint are lost. So before LevelDB opens the store, its write-ahead files are read here. Every
 * batch in them says which sequence numbers it holds, and these must follow one another without a gap.
 *
 * The format is described in LevelDB's doc/log_format.md and db/version_edit.cc. A file consists of blocks of 32 KiB. They hold
 * records of CRC-32C (masked), length, type, payload.
 */

const BLOCK = 32_768;
const HEADER = 7;
/** Types of records: a whole one, or the first or last of several parts (3 is a part between them). */
const FULL = 1;
const FIRST = 2;
const LAST = 4;
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function maskedCrc(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  for (let i = from; i < to; i++) crc = (CRC_TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

type LogFile = {
  records: Buffer[];
  /** An unreadable place is followed by a record. So it is more than a torn end. */
  holed: boolean;
  /** The file ends with an unreadable place. */
  torn: boolean;
};

function readLog(bytes: Buffer): LogFile {
  const records: Buffer[] = [];
  let parts: Buffer[] | undefined;
  let holed = false;
  let torn = false;
  let at = 0;
  while (at < bytes.length) {
    const blockEnd = Math.min(bytes.length, at - (at % BLOCK) + BLOCK);
    if (blockEnd - at < HEADER) {
      // A block's trailer of zeros, too small for a header. Or the end of a file that was cut within a trailer.
      torn ||= blockEnd % BLOCK !== 0;
      at = blockEnd;
      continue;
    }
    const end = at + HEADER + bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6] as number;
    const sound = type >= FULL && type <= LAST && end <= blockEnd && maskedCrc(bytes, at + 6, end) === bytes.readUInt32LE(at);
    if (!sound) {
      // As LevelDB does: if a length cannot be trusted, the rest of the block is lost.
      torn = true;
      parts = undefined;
      at = blockEnd;
      continue;
    }
    if (torn) holed = true;
    const payload = bytes.subarray(at + HEADER, end);
    if (type === FULL || type === FIRST) {
      if (parts) holed = true;
      parts = [payload];
    } else if (parts) parts.push(payload);
    else holed = true;
    if (parts && (type === FULL || type === LAST)) {
      records.push(parts.length === 1 ? payload : Buffer.concat(parts));
      parts = undefined;
    }
    at = end;
  }
  return { records, holed, torn: torn || parts !== undefined };
}

/** The fields after each tag in a MANIFEST record: n is a number, t a text. */
const FIELDS: Record<number, string> = { 1: "t", 2: "n", 3: "n", 4: "n", 5: "nt", 6: "nn", 7: "nnntt", 9: "n" };
const LOG_NUMBER = 2;

/** The number of the oldest write-ahead file that is still needed, from the records of a MANIFEST. */
function neededFrom(manifest: Buffer[]): number {
  let needed = 0;
  for (const edit of manifest) {
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = edit[at++];
        if (byte === undefined) throw new Error("a MANIFEST record ends early");
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    };
    while (at < edit.length) {
      const tag = varint();
      const fields = FIELDS[tag];
      if (fields === undefined) throw new Error(`a MANIFEST record has tag ${tag}`);
      for (const field of fields) {
        const value = varint();
        if (field === "t") at += value;
        else if (tag === LOG_NUMBER) needed = value;
      }
    }
  }
  return needed;
}

/**
 * What is wrong with the write-ahead files of a LevelDB directory that nobody has open. Undefined if nothing is wrong, or if
 * LevelDB itself would report it. Reads at most the bytes of two write buffers.
 */
export async function lostWrites(directory: string): Promise<string | undefined> {
  const names = await readdir(directory);
  if (!names.includes("CURRENT")) {
    // LevelDB would begin with an empty store and delete what is there.
    return names.some((name) => /^\d+\.(ldb|sst|log)$/.test(name)) ? "CURRENT is missing" : undefined;
  }
  let needed: number;
  try {
    const manifest = (await readFile(join(directory, "CURRENT"), "latin1")).trim();
    if (!/^MANIFEST-\d+$/.test(manifest)) return "CURRENT names no MANIFEST";
    needed = neededFrom(readLog(await readFile(join(directory, manifest))).records);
  } catch {
    return undefined;
  }
  const numbers = names
    .flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
    .filter((number) => Number(number) >= needed)
    .sort((a, b) => Number(a) - Number(b));

  let expected: number | undefined;
  let tornBefore = false;
  for (const number of numbers) {
    const { records, holed, torn } = readLog(await readFile(join(directory, `${number}.log`)));
    if (holed || (tornBefore && records.length > 0)) return `its write-ahead file ${number} has a hole`;
    if (expected === undefined && records.length > 0 && needed !== 0 && Number(number) !== needed) {
      return `its write-ahead file ${needed} is missing or empty`;
    }
    for (const record of records) {
      if (record.length < 12) return `its write-ahead file ${number} holds a batch without a header`;
      const sequence = Number(record.readBigUInt64LE(0));
      if (expected !== undefined && sequence !== expected)
        return `its write-ahead files miss the writes ${expected} to ${sequence - 1}`;
      expected = sequence + record.readUInt32LE(8);
    }
    tornBefore ||= torn;
  }
  return undefined;
}
