import type { ConversationCountsFragment, InboxSubscription, MessageFieldsFragment } from "./operations.ts";
import type { Person } from "./types.ts";

/** What the subscription `inbox` delivers. */
export type InboxEntry = InboxSubscription["inbox"];

/** What an entry says of the counts of a conversation, as they were when it was delivered. */
export function countsOf(entry: InboxEntry): ConversationCountsFragment | undefined {
  switch (entry.__typename) {
    case "MessageReceived":
    case "MessageChanged":
      return entry.message.conversation;
    case "ReadMoved":
      return entry.conversation;
    default:
      return undefined;
  }
}

/** The people whom an entry shows, as they are now. */
export function peopleOf(entry: InboxEntry): readonly Person[] {
  switch (entry.__typename) {
    case "MessageReceived":
    case "MessageChanged":
      return peopleIn(entry.message);
    case "MembershipChanged":
      return [entry.user, entry.actor];
    case "FriendRequestChanged":
      return [entry.request.from, entry.request.to];
    case "FriendshipChanged":
      return [entry.user];
    case "JoinRequestChanged":
      return [entry.joinRequest.user, ...(entry.joinRequest.invitedBy ? [entry.joinRequest.invitedBy] : [])];
    default:
      return [];
  }
}

/** The people whom a message shows. */
export const peopleIn = ({ sender, mentions, replyTo, forwardedFrom }: MessageFieldsFragment): readonly Person[] => [
  sender,
  ...mentions,
  ...(replyTo ? [replyTo.sender] : []),
  ...(forwardedFrom ? [forwardedFrom.sender] : []),
];
