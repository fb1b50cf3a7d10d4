import { fileTypeFromBuffer } from "file-type";
import type { SharpConstructor } from "sharp";
import { THUMBNAIL_TYPE, type Looked } from "../../ports/files.ts";
import type { LookAt, LookedAt } from "./messages.ts";

/*
 * The process that looks at files of strangers. What breaks here, breaks alone. It ends when the server does.
 */

const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const QUALITY = 75;
/** A picture that takes longer is not drawn. */
const SECONDS = 8;

type Sharp = SharpConstructor;

/** Undefined where there is no prebuilt library for this machine: then pictures are not measured. */
const loading: Promise<Sharp | undefined> = import("sharp").then(
  ({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  },
  (error: unknown) => {
    process.stderr.write(`pictures are not measured: ${String(error)}\n`);
    return undefined;
  },
);

async function look({ bytes, draw, pixels, size }: LookAt): Promise<Looked> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  const mediaType = found?.mime.split(";", 1)[0];
  if (!draw || mediaType === undefined || !PICTURES.has(mediaType)) return { mediaType };
  const sharp = await loading;
  if (sharp === undefined) return { mediaType, isUnmeasured: true };
  const input = { limitInputPixels: pixels, failOn: "none", animated: false } as const;
  try {
    const { width, height, autoOrient } = await sharp(bytes, { ...input, limitInputPixels: false }).metadata();
    const seen = autoOrient ?? { width, height };
    if (width * height > pixels) return { mediaType, isTooLarge: true };
    return { mediaType, picture: { width: seen.width, height: seen.height, ...(await thumbnailOf(sharp)) } };
  } catch {
    return { mediaType };
  }

  async function thumbnailOf(draws: Sharp): Promise<{ thumbnail?: NonNullable<NonNullable<Looked["picture"]>["thumbnail"]> }> {
    try {
      // Turned as the camera was held. What the picture says of itself, such as where it was taken, is left out.
      const { data, info } = await draws(bytes, input)
        .timeout({ seconds: SECONDS })
        .autoOrient()
        .resize({ width: size, height: size, fit: "inside", withoutEnlargement: true })
        .webp({ quality: QUALITY })
        .toBuffer({ resolveWithObject: true });
      return { thumbnail: { bytes: data, width: info.width, height: info.height } };
    } catch {
      return {};
    }
  }
}

process.on("message", (asked: LookAt) => {
  const answer = (answered: LookedAt): void => void process.send?.(answered, undefined, {}, () => undefined);
  look(asked).then(
    (looked) => answer({ id: asked.id, looked }),
    (error: unknown) => answer({ id: asked.id, fault: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
if (THUMBNAIL_TYPE !== "image/webp") throw new Error("thumbnails are drawn as WebP");
