/** What a `FILES_URL` says. `endpoint`: of its bucket, without a slash at the end. */
export type S3Address = {
  endpoint: string;
  /** The same where clients reach it. */
  publicEndpoint: string;
  bucket: string;
  /** How the names of its objects begin: empty, or with a slash at the end. */
  prefix: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
};

const OPTIONS: ReadonlySet<string> = new Set(["region", "tls", "public"]);
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const AMAZON = /\.amazonaws\.com(?:\.cn)?$/;

/**
 * Parses `s3://KEY:SECRET@host/bucket/prefix?region=…`. `credentials` count where the address has none. Throws an `Error` that
 * says what is wrong with it, and never holds the secret.
 */
export function s3AddressOf(
  text: string,
  credentials: { accessKeyId?: string | undefined; secretAccessKey?: string | undefined } = {},
): S3Address {
  const wrong = (what: string): Error =>
    new Error(`FILES_URL ${what}: it must be an address such as s3://KEY:SECRET@s3.eu-central-1.amazonaws.com/bucket`);
  if (!/^s3:\/\//i.test(text) || !URL.canParse(text)) throw wrong("is no address");
  // Of a scheme that it knows, the parser takes the name of the host apart.
  const url = new URL(text.replace(/^s3:/i, "https:"));
  for (const name of url.searchParams.keys()) if (!OPTIONS.has(name)) throw wrong(`has no option ${name}`);
  const [bucket = "", ...folders] = decoded(url.pathname)
    .split("/")
    .filter((part) => part !== "");
  if (!BUCKET.test(bucket)) throw wrong("names no bucket");
  const tls = url.searchParams.get("tls") ?? "true";
  if (tls !== "true" && tls !== "false") throw wrong("has another tls than true and false");
  const accessKeyId = decoded(url.username) || credentials.accessKeyId;
  const secretAccessKey = decoded(url.password) || credentials.secretAccessKey;
  if (!accessKeyId || !secretAccessKey)
    throw wrong("has no key and secret, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
  const scheme = tls === "true" ? "https" : "http";
  // Amazon's names have the bucket in front; others have it in the path.
  const isAmazon = AMAZON.test(url.hostname) && !bucket.includes(".");
  const endpoint = isAmazon ? `${scheme}://${bucket}.${url.host}` : `${scheme}://${url.host}/${bucket}`;
  const seen = url.searchParams.get("public");
  if (seen !== null && (!URL.canParse(seen) || !/^https?:$/.test(new URL(seen).protocol)))
    throw wrong("has a public that is no address of http or https");
  return {
    endpoint,
    publicEndpoint: seen === null ? endpoint : `${seen.replace(/\/$/, "")}/${bucket}`,
    bucket,
    prefix: folders.map((part) => `${part}/`).join(""),
    region: url.searchParams.get("region") ?? /^s3[.-]([a-z0-9-]+)\.amazonaws/.exec(url.hostname)?.[1] ?? "us-east-1",
    accessKeyId,
    secretAccessKey,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
