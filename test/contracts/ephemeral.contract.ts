import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Open } from "../../src/ports/awaitable.ts";
import type { Ephemeral, Told } from "../../src/ports/ephemeral.ts";
import { until } from "../support/until.ts";

/**
 * What all that tells of passing things must do. `teller` and `listener` are two ends of one (the same where there is but one):
 * what is told at one is heard at the other.
 */
export function ephemeralContract(
  name: string,
  open: () => Promise<Open<{ teller: Pick<Ephemeral, "tell">; listener: Ephemeral }>>,
): void {
  describe(`ephemeral contract: ${name}`, () => {
    let ends: Awaited<ReturnType<typeof open>>;
    let topics = 0;
    beforeAll(async () => {
      ends = await open();
    });
    afterAll(() => ends.close());

    const newTopic = () => `typing/t${Date.now()}-${++topics}`;
    const tell = (topic: string, told: Told) => ends.teller.tell(topic, told);
    const hearing = async (...names: string[]) => {
      const heard: { topic: string; told: Told }[] = [];
      const end = await ends.listener.listen(names, (told, topic) => void heard.push({ topic, told }));
      return { heard, end };
    };
    /** What was told before has been heard once this comes back. */
    const settled = async () => {
      const topic = newTopic();
      const { heard, end } = await hearing(topic);
      tell(topic, {});
      await until("it is heard", () => heard.length > 0);
      end();
    };

    it("tell every listener of a topic what was told, with the topic, in order", async () => {
      const [one, other] = [newTopic(), newTopic()];
      const [first, second] = [await hearing(one, other, one), await hearing(one)];
      const told: Told[] = [
        { user: "ann", typing: true },
        { user: "ann", typing: false },
        { count: 3, nothing: null },
      ];
      for (const each of told) tell(one, each);
      tell(other, { user: "bob" });
      await settled();
      const ofOne = told.map((each) => ({ topic: one, told: each }));
      expect(second.heard).toEqual(ofOne);
      expect(first.heard).toEqual([...ofOne, { topic: other, told: { user: "bob" } }]);
      first.end();
      second.end();
    });

    it("tell nobody else, and keep nothing for who comes later", async () => {
      const topic = newTopic();
      tell(topic, { user: "ann" });
      const [same, longer] = [await hearing(topic), await hearing(`${topic}1`)];
      await settled();
      expect([same.heard, longer.heard]).toEqual([[], []]);
      tell(topic, { user: "bob" });
      await settled();
      expect([same.heard.length, longer.heard.length]).toEqual([1, 0]);
      same.end();
      longer.end();
    });

    it("tell nothing to who has ended, however often, and go on where one throws", async () => {
      const topic = newTopic();
      const bad = await ends.listener.listen([topic], () => {
        throw new Error("a listener's own fault");
      });
      const [ended, good] = [await hearing(topic), await hearing(topic)];
      ended.end();
      ended.end();
      tell(topic, { user: "ann" });
      await settled();
      expect([ended.heard.length, good.heard.length]).toEqual([0, 1]);
      bad();
      good.end();
    });
  });
}
