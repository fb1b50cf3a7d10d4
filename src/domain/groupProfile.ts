import { namedTags } from "./checked.ts";
import type { EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { inLine, nameText } from "./text.ts";

/** What a group says of itself, and who may join, find and read it. */
export type Profile = Omit<EventData<"GroupCreated">, "groupId" | "ownerId" | "imported">;

/** What is absent stays; null takes away. */
export type ProfileChange = { [Member in keyof Profile]?: Profile[Member] | null };

const categoryText = (category: string | null): string | null => (category === null ? null : inLine(category));

/** A whole profile, its names in the form in which they are kept. Refuses (BAD_INPUT) a name in which nothing can be seen. */
export function profileOf(given: Profile): Profile {
  const { title, avatarUrl, description, announcement, category, tags, joinPolicy, public: isPublic, historyVisible } = given;
  return {
    title: nameText(title, "title"),
    avatarUrl,
    description,
    announcement,
    category: categoryText(category),
    tags: namedTags(tags),
    joinPolicy,
    public: isPublic,
    historyVisible,
  };
}

/** The members of a profile that are given. Refuses (BAD_INPUT) to take away what every group has. */
export function changes(given: ProfileChange): Partial<Profile> {
  const { title, avatarUrl, description, announcement, category, tags, joinPolicy, public: isPublic, historyVisible } = given;
  const members = {
    title: title === undefined ? undefined : nameText(kept(title, "title"), "title"),
    avatarUrl,
    description,
    announcement,
    category: category === undefined ? undefined : categoryText(category),
    tags: tags === undefined ? undefined : namedTags(kept(tags, "tags")),
    joinPolicy: joinPolicy === undefined ? undefined : kept(joinPolicy, "joinPolicy"),
    public: isPublic === undefined ? undefined : kept(isPublic, "public"),
    historyVisible: historyVisible === undefined ? undefined : kept(historyVisible, "historyVisible"),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function kept<T>(value: T | null, field: string): T {
  if (value === null)
    throw new Refusal("BAD_INPUT", `${field} cannot be removed: leave it out, or give another value`, { field });
  return value;
}
