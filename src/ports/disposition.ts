/**
 * `Content-Disposition` of a file (RFC 6266): what a browser only keeps is never shown by it. `mediaType`: as it is given to
 * browsers; bytes that mean nothing are kept.
 */
export function dispositionOf(name: string, mediaType: string): string {
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, "_")).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${mediaType === "application/octet-stream" ? "attachment" : "inline"}; filename*=UTF-8''${encoded}`;
}
