import { expect, test } from "vitest";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createReading } from "../../../src/projecting/reading.ts";

const [one, other] = [{ name: "one" }, { name: "other" }];

test("nothing is read before it is opened, whatever there is", () => {
  const progress: (number | undefined)[] = [];
  const reading = createReading(() => progress.at(-1));
  reading.change({ one: { generation: "one@1#1" } });
  expect(reading.isOpen()).toBe(false);
  expect(() => reading.generation(one)).toThrow(new Unavailable("the views have not caught up with the log yet"));
  progress.push(0.479);
  expect(() => reading.generation(one)).toThrow(new Unavailable("the views have not caught up with the log yet: 47 % done"));
  expect(reading.generationIfRead(one)).toBeUndefined();
  reading.open();
  expect(reading.isOpen()).toBe(true);
  expect([reading.generation(one), reading.generationIfRead(one)]).toEqual(["one@1#1", "one@1#1"]);
});

test("what has no complete generation is UNAVAILABLE alone, with its progress, until it has one", () => {
  const reading = createReading(() => undefined);
  reading.open();
  reading.change({ one: { generation: "one@1#1" }, other: { generation: undefined, progress: undefined } });
  expect(() => reading.generation(other)).toThrow(new Unavailable("the view other is being built"));
  reading.building("other", 0.5);
  expect(() => reading.generation(other)).toThrow(new Unavailable("the view other is being built: 50 % done"));
  expect(reading.generation(one)).toBe("one@1#1");
  reading.change({ other: { generation: "other@1#1" } });
  expect([reading.generation(one), reading.generation(other)]).toEqual(["one@1#1", "other@1#1"]);
});

test("that something is built beside what is read changes nothing for readers", () => {
  const reading = createReading(() => undefined);
  reading.open();
  reading.change({ one: { generation: "one@1#1" } });
  reading.building("one", 0.5);
  expect(reading.generation(one)).toBe("one@1#1");
  reading.change({ one: { generation: "one@1#2" } });
  reading.building("one", undefined);
  expect(reading.generation(one)).toBe("one@1#2");
});
