/** Pictures that browsers draw, and that hold no program. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const MEDIA: ReadonlySet<string> = new Set([
  ...["audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/aac", "audio/ogg", "audio/opus", "audio/wav", "audio/flac", "audio/webm"],
  ...["video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/x-m4v"],
]);

/** Types that say no more than how something is packed: what was said of it may say more. */
const CONTAINERS: ReadonlySet<string> = new Set([
  ...["application/zip", "application/x-cfb", "application/gzip", "application/xml", "application/ogg", "text/plain"],
]);

const bare = (mediaType: string): string => mediaType.toLowerCase();
const [AUDIO, VIDEO] = ["audio/", "video/"];

/** Whether a file of this type is drawn and measured. */
export const hasPictures = (mediaType: string): boolean => PICTURES.has(mediaType);

/**
 * The type that browsers are told of a file: its own if they show it, else that of bytes that mean nothing, which they only
 * keep.
 */
export const servedAs = (mediaType: string): string =>
  PICTURES.has(mediaType) || MEDIA.has(mediaType) || mediaType === "application/pdf" ? mediaType : "application/octet-stream";

/** Types whose content says what it is: where it says nothing, it is another. What is drawn by a program is a text. */
const saysItself = (mediaType: string): boolean =>
  mediaType === "application/pdf" || (/^(?:image|audio|video)\//.test(mediaType) && !/[+/]xml$/.test(mediaType));

/**
 * What a file is: `said` is what its sender says, `found` what its content says, if it says anything. Undefined: it is not what
 * it was said to be.
 */
export function typeOf(said: string, found: string | undefined): string | undefined {
  const given = bare(said);
  if (found === undefined) return saysItself(given) ? undefined : given;
  if (CONTAINERS.has(found)) return saysItself(given) ? undefined : given;
  // The same container has sound alone, or a film: that its content does not say at its beginning.
  if (given.startsWith(AUDIO) && found.startsWith(VIDEO) && given.slice(AUDIO.length) === found.slice(VIDEO.length)) return given;
  if (given.startsWith(AUDIO) && found === "video/mp4") return "audio/mp4";
  return found;
}
