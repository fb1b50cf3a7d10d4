import { expect } from "vitest";

export const SOME_TEXT: unknown = expect.any(String);
export const SOME_NUMBER: unknown = expect.any(Number);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const containing = (text: string): unknown => expect.stringContaining(text);
