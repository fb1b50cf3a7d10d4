import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Open } from "../../src/ports/awaitable.ts";
import type { Signals } from "../../src/ports/signals.ts";
import { until } from "../support/until.ts";

/**
 * What all signals must do. `publisher` and `listener` are two ends of one (the same where there is but one): what one publishes
 * wakes who listens at the other.
 */
export function signalsContract(
  name: string,
  open: () => Promise<Open<{ publisher: Pick<Signals, "publish">; listener: Signals }>>,
): void {
  describe(`signals contract: ${name}`, () => {
    let ends: Awaited<ReturnType<typeof open>>;
    let topics = 0;
    beforeAll(async () => {
      ends = await open();
    });
    afterAll(() => ends.close());

    const newTopic = () => `users/u${Date.now()}-${++topics}`;
    const publish = (...names: string[]) => ends.publisher.publish(names);
    /** Listens, and counts. */
    const counting = async (...names: string[]) => {
      let count = 0;
      const end = await ends.listener.listen(names, () => void count++);
      return { end, count: () => count, woken: (times = 1) => until(`woken ${times} times`, () => count >= times) };
    };
    /** What was published before has been delivered once this comes back. */
    const settled = async () => {
      const topic = newTopic();
      const listener = await counting(topic);
      publish(topic);
      await listener.woken();
      listener.end();
    };

    it("wake every listener of a topic, each time", async () => {
      const topic = newTopic();
      const [one, two] = [await counting(topic), await counting(topic)];
      publish(topic);
      await Promise.all([one.woken(), two.woken()]);
      await settled();
      const before = one.count();
      publish(topic);
      await one.woken(before + 1);
      one.end();
      two.end();
    });

    it("wake nobody else", async () => {
      const [topic, other] = [newTopic(), newTopic()];
      const listener = await counting(other);
      publish(topic, `${other}1`, other.slice(0, -1), "");
      await settled();
      expect(listener.count()).toBe(0);
      listener.end();
    });

    it("wake a listener of several topics by any of them", async () => {
      const names = [newTopic(), newTopic(), newTopic()];
      const listener = await counting(...names);
      for (const [i, topic] of names.entries()) {
        publish(topic);
        await listener.woken(i + 1);
      }
      listener.end();
      await settled();
      const before = listener.count();
      publish(...names);
      await settled();
      expect(listener.count()).toBe(before);
    });

    it("take any iterable, and what nobody waits for", async () => {
      const topic = newTopic();
      const listener = await counting(topic);
      ends.publisher.publish([]);
      publish(newTopic());
      ends.publisher.publish(new Set([topic]));
      await listener.woken();
      ends.publisher.publish(
        (function* () {
          yield topic;
          yield newTopic();
        })(),
      );
      await listener.woken(2);
      listener.end();
    });

    it("never wake who has ended, however often it ended, and leave the others", async () => {
      const topic = newTopic();
      const [one, two] = [await counting(topic, topic), await counting(topic)];
      one.end();
      one.end();
      publish(topic);
      await two.woken();
      await settled();
      expect(one.count()).toBe(0);
      two.end();
      publish(topic);
      await settled();
      expect(two.count()).toBe(1);
    });

    it("know the same function listening twice as two listeners", async () => {
      const topic = newTopic();
      let count = 0;
      const wake = () => void count++;
      const [one, two] = [await ends.listener.listen([topic], wake), await ends.listener.listen([topic], wake)];
      publish(topic);
      await until("both were woken", () => count >= 2);
      one();
      await settled();
      const before = count;
      publish(topic);
      await until("the other was woken", () => count > before);
      two();
    });

    it("wake the others where one throws", async () => {
      const topic = newTopic();
      const bad = await ends.listener.listen([topic], () => {
        throw new Error("a listener's own fault");
      });
      const good = await counting(topic);
      publish(topic, topic);
      await good.woken();
      bad();
      good.end();
    });

    it("may be ended and begun while they are delivered", async () => {
      const topic = newTopic();
      let later = 0;
      const order: string[] = [];
      const first = await ends.listener.listen([topic], () => {
        order.push("first");
        first();
        second();
        void ends.listener.listen([topic], () => void later++);
      });
      const second = await ends.listener.listen([topic], () => void order.push("second"));
      const third = await counting(topic);
      publish(topic);
      await third.woken();
      await settled();
      expect(order).toEqual(["first"]);
      publish(topic);
      await until("the one begun during delivery was woken", () => later > 0);
      expect(order).toEqual(["first"]);
      third.end();
    });

    it("miss nothing that is published once listening has begun", async () => {
      for (let i = 0; i < 200; i++) {
        const topic = newTopic();
        const listener = await counting(topic);
        publish(topic);
        await listener.woken();
        listener.end();
      }
    });
  });
}
