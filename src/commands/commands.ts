import type { Fact } from "../domain/archive.ts";
import type { EventData } from "../domain/events.ts";
import type { Role } from "../domain/groupState.ts";
import type { ProfileChange } from "../domain/groupProfile.ts";
import type { Position } from "../ports/eventStore.ts";
import type { ReportRef } from "../../projections/reports.ts";
import type { MessageRow } from "../../projections/timelines.ts";

/**
 * Who calls, according to their token, and in which request. `bot`: by a bot's own token, which may do less. `correlationId`
 * names the request in the server's log and in the events that it makes.
 */
export type Caller = { userId: string; admin: boolean; bot?: true; deviceId?: string; correlationId?: string };

/** The answer of a command. Everything that it did is true from this place of the log on. */
export type Done = { position: Position };

type Keyed<T> = T & { clientMutationId: string };

export type RegisterInput = Keyed<Omit<EventData<"UserRegistered">, "userId" | "bot">>;
export type PutUserInput = Keyed<Omit<EventData<"UserRegistered">, "bot">>;
export type CreateBotInput = Keyed<{ userId: string; name: string }>;
/** `conversationId` null: of all conversations. */
export type PutWebhookInput = Keyed<
  Pick<EventData<"WebhookPut">, "webhookId" | "url" | "events" | "conversationId" | "beforeSend">
>;
export type WebhookInput = Keyed<{ webhookId: string }>;
/** The secret is told once: null for a repeated call, and where the hook was there already. */
export type WebhookDone = Done & { secret: string | null };
export type PutIncomingHookInput = Keyed<Pick<EventData<"IncomingHookPut">, "hookId" | "botId" | "conversationId">>;
/** The token is told once: null for a repeated call. */
export type BotDone = Done & { token: string | null };
export type UpdateProfileInput = Keyed<Omit<EventData<"ProfileUpdated">, "userId">>;
export type SetLocationInput = Keyed<Pick<EventData<"LocationChanged">, "point">>;
export type AddDeviceInput = Keyed<Omit<EventData<"DeviceAdded">, "userId">>;
export type RemoveDeviceInput = Keyed<Pick<EventData<"DeviceRemoved">, "deviceId">>;
export type CreateConversationInput = Keyed<
  Omit<EventData<"GroupCreated">, "groupId" | "ownerId" | "imported"> & { kind: "GROUP" | "CHANNEL"; memberIds: string[] }
>;
/** What is absent stays; null takes away. */
export type UpdateConversationInput = Keyed<{ conversationId: string; change: ProfileChange }>;
export type JoinInput = ConversationInput & { note?: string | null };
export type JoinByInviteInput = Keyed<{ inviteId: string }>;
/** Names a request: whose it is, and the how manieth of theirs. */
export type JoinRequestKey = { group: string; user: string; number: number };
export type JoinRequestInput = Keyed<JoinRequestKey & { accept: boolean }>;
export type JoinRequestDone = Done & JoinRequestKey;
/** `request`: the one that waits, where the caller is not a member at once. */
export type JoinDone = Done & { conversationId: string; request?: JoinRequestKey };
/** Null: without end. Times are ISO 8601. */
export type CreateInviteInput = ConversationInput & { expiresAt: string | null; uses: number | null };
export type RevokeInviteInput = ConversationInput & { inviteId: string };
export type InviteDone = Done & { inviteId: string };
/** Null: they may write again. */
export type SilenceInput = MemberInput & { until: string | null };
export type MembersInput = Keyed<{ conversationId: string; userIds: string[] }>;
export type MemberInput = Keyed<{ conversationId: string; userId: string }>;
export type SetRoleInput = Keyed<{ conversationId: string; userId: string; role: Role }>;
export type ConversationInput = Keyed<{ conversationId: string }>;
/** A file of a message: as the message will hold it, or an upload of the caller's, by its id. */
export type OutgoingAttachment = EventData<"MessageSent">["attachments"][number] | { uploadId: string };
/** Exactly one of `conversationId` and `userId` is given. */
export type SendMessageInput = Keyed<
  { conversationId: string | null; userId: string | null; attachments: OutgoingAttachment[] } & Pick<
    EventData<"MessageSent">,
    "kind" | "topic" | "text" | "replyTo" | "mentions" | "mentionsAll" | "expiresAfterSeconds" | "scheduled"
  >
>;
export type ScheduleMessageInput = Keyed<
  { conversationId: string | null; userId: string | null; attachments: OutgoingAttachment[] } & Pick<
    EventData<"MessageScheduled">,
    "sendAt"
  > &
    Pick<EventData<"MessageSent">, "kind" | "topic" | "text">
>;
export type CreateUploadInput = Keyed<Pick<EventData<"UploadCreated">, "name" | "mediaType" | "size">>;
/** `key`: what its bytes are kept under. */
export type UploadDone = Done & { upload: { id: string; key: string } & Omit<EventData<"UploadCreated">, "id"> };
/** Names a message that waits for its time: the parts of its id. */
export type ScheduledRef = { user: string; id: string };
/** What is absent stays as it was. */
export type SetPreferencesInput = Keyed<Omit<EventData<"PreferencesChanged">, "userId">>;
export type MessageInput = Keyed<{ conversationId: string; seq: number }>;
export type MarkAllReadInput = Keyed<{ reads: { conversationId: string; seq: number }[] }>;
export type EditMessageInput = MessageInput & { text: string };
/** At least one seq, each once. */
export type ForwardInput = Keyed<{ fromConversationId: string; seqs: number[]; toConversationId: string }>;
export type PinInput = MessageInput & { on: boolean };
export type ReactInput = MessageInput & { emoji: string; on: boolean };

/**
 * A line of an archive. `key` identifies it for ever. `sentAt`: ISO 8601 with milliseconds; null means the time of the import.
 */
export type ImportedLine = {
  key: string;
  conversation: string;
  sender: string;
  sentAt: string | null;
  text: string;
  topic: string | null;
};
export type ImportInput = Keyed<{ messages: ImportedLine[] }>;
export type ImportFactsInput = Keyed<{ facts: Fact[] }>;
/** `conversationId`, `messageId`: the message that holds it. */
export type ImportFileInput = Keyed<
  { uploadId: string; conversationId: string; messageId: string } & Pick<
    EventData<"UploadCreated">,
    "name" | "mediaType" | "size"
  >
>;
/** `upload`: where its bytes go. Null: they are not needed. */
export type ImportedFile = Done & { upload: UploadDone["upload"] | null };
export type ImportFault = { index: number; code: "BAD_INPUT" | "CONFLICT"; message: string };

export type PutCircleInput = Keyed<
  { circleId: string; withConversation: boolean } & Pick<EventData<"CirclePut">, "kind" | "name" | "memberIds">
>;
export type UserInput = Keyed<{ userId: string }>;
export type RequestFriendshipInput = UserInput & { note: string | null; alias: string | null };
/** `users` and `number`: the parts of the request's id. */
export type FriendRequestInput = Keyed<{ users: [string, string]; number: number }>;
export type FriendRequestDone = Done & { users: readonly [string, string]; number: number };

export type ReportInput = MessageInput & { reason: string };
/** `silenceSeconds`: of a silence. */
export type DecideReportInput = Keyed<
  { report: ReportRef; silenceSeconds: number } & Pick<EventData<"ReportDecided">, "action" | "reason">
>;
export type BanInput = UserInput & { reason: string | null };
export type ReportDone = Done & { report: ReportRef };

export type Forwarded = Done & { conversationId: string; messages: MessageRow[] };
export type Sent = Done & { conversationId: string; message: MessageRow };
export type Imported = Done & { stored: number; alreadyThere: number; refused: ImportFault[] };
/** `loose`: messages that were stored without the one that they answer, because that is not there. */
export type ImportedFacts = Imported & { loose: number };

/**
 * Everything that a caller can do. Each command is done once for each `clientMutationId`. Inputs are parsed already (in the
 * inputs.ts of each area of the API), but a command may still be refused with a `Refusal`. A caller who never registered gets
 * NOT_FOUND, with advice to call `register`.
 */
export type Commands = {
  register(caller: Caller, input: RegisterInput): Promise<Done>;
  /** Registers a user, or replaces their profile. Needs the scope `admin`. */
  putUser(caller: Caller, input: PutUserInput): Promise<Done>;
  /**
   * Registers a program as a user, with a token of its own. Needs the scope `admin`. The same id again, by another call, replaces
   * the token.
   */
  createBot(caller: Caller, input: CreateBotInput): Promise<BotDone>;
  updateProfile(caller: Caller, input: UpdateProfileInput): Promise<Done>;
  /** Sets the place where others find the caller. Null removes it. */
  setLocation(caller: Caller, input: SetLocationInput): Promise<Done>;
  /** The same id again replaces what was said of the device. */
  addDevice(caller: Caller, input: AddDeviceInput): Promise<Done>;
  removeDevice(caller: Caller, input: RemoveDeviceInput): Promise<Done>;
  /** Both are friends at once where the other one has asked already. */
  requestFriendship(caller: Caller, input: RequestFriendshipInput): Promise<FriendRequestDone>;
  answerFriendRequest(caller: Caller, input: FriendRequestInput & { accept: boolean }): Promise<FriendRequestDone>;
  withdrawFriendRequest(caller: Caller, input: FriendRequestInput): Promise<FriendRequestDone>;
  endFriendship(caller: Caller, input: UserInput): Promise<Done>;
  /** Null: the friend has no other name for the caller than their own. */
  setAlias(caller: Caller, input: UserInput & { alias: string | null }): Promise<Done>;
  block(caller: Caller, input: UserInput & { on: boolean }): Promise<Done>;
  createConversation(caller: Caller, input: CreateConversationInput): Promise<Done & { conversationId: string }>;
  updateConversation(caller: Caller, input: UpdateConversationInput): Promise<Done>;
  join(caller: Caller, input: JoinInput): Promise<JoinDone>;
  joinByInvite(caller: Caller, input: JoinByInviteInput): Promise<JoinDone>;
  /** The answer no of who made the request takes it back. */
  answerJoinRequest(caller: Caller, input: JoinRequestInput): Promise<JoinRequestDone>;
  createInvite(caller: Caller, input: CreateInviteInput): Promise<InviteDone>;
  revokeInvite(caller: Caller, input: RevokeInviteInput): Promise<InviteDone>;
  addMembers(caller: Caller, input: MembersInput): Promise<Done>;
  removeMembers(caller: Caller, input: MembersInput): Promise<Done>;
  leave(caller: Caller, input: ConversationInput): Promise<Done>;
  setRole(caller: Caller, input: SetRoleInput): Promise<Done>;
  transferOwnership(caller: Caller, input: MemberInput): Promise<Done>;
  silence(caller: Caller, input: SilenceInput): Promise<Done>;
  dissolve(caller: Caller, input: ConversationInput): Promise<Done>;
  sendMessage(caller: Caller, input: SendMessageInput): Promise<Sent>;
  /** Where the bytes go is not said: that is the store's to say. UNAVAILABLE where no store is set. */
  createUpload(caller: Caller, input: CreateUploadInput): Promise<UploadDone>;
  /** The message is sent once its time has come, with the rights that the caller has then. */
  scheduleMessage(caller: Caller, input: ScheduleMessageInput): Promise<Done>;
  /** From the answer on, it will never be sent. Also puts away one that could not be sent. */
  cancelScheduled(caller: Caller, input: Keyed<ScheduledRef>): Promise<Done>;
  /** Copies messages, as they are now, into a conversation. All or none are allowed. */
  forwardMessages(caller: Caller, input: ForwardInput): Promise<Forwarded>;
  editMessage(caller: Caller, input: EditMessageInput): Promise<Done>;
  recallMessage(caller: Caller, input: MessageInput): Promise<Done>;
  /** Adds a reaction of the caller to a message, or takes it back. */
  react(caller: Caller, input: ReactInput): Promise<Done>;
  pinMessage(caller: Caller, input: PinInput): Promise<Done>;
  /** Says why a message that the caller sees should not be there. Once for each of them and message. */
  report(caller: Caller, input: ReportInput): Promise<ReportDone>;
  /**
   * Decides about a report, for the owner and administrators of its group, and for the scope `admin`. Answers once what was
   * decided is in force.
   */
  decideReport(caller: Caller, input: DecideReportInput): Promise<ReportDone>;
  /** Needs the scope `admin`, as the next one does. Answers once nothing goes on here that the user began. */
  banUser(caller: Caller, input: BanInput): Promise<Done>;
  unbanUser(caller: Caller, input: BanInput): Promise<Done>;
  markRead(caller: Caller, input: MessageInput): Promise<Done>;
  /** Throws as `sendMessage` does if the caller may not write to a conversation. */
  mayType(caller: Caller, conversationId: string): Promise<void>;
  /** How the caller wants a conversation for themselves. */
  setPreferences(caller: Caller, input: SetPreferencesInput): Promise<Done>;
  /** Each conversation once. Marks nothing if one of them is refused. */
  markAllRead(caller: Caller, input: MarkAllReadInput): Promise<Done>;
  /**
   * Needs the scope `admin`. Answers once its conversation is equal to it, and those who are not in it any more have no rights.
   */
  putCircle(caller: Caller, input: PutCircleInput): Promise<Done>;
  /** Tells another program what happens, or asks it before messages are stored, from now on. Needs the scope `admin`. */
  putWebhook(caller: Caller, input: PutWebhookInput): Promise<WebhookDone>;
  deleteWebhook(caller: Caller, input: WebhookInput): Promise<Done>;
  /** Lets whoever has the token post as a bot into one conversation. Needs the scope `admin`. */
  putIncomingWebhook(caller: Caller, input: PutIncomingHookInput): Promise<BotDone>;
  deleteIncomingWebhook(caller: Caller, input: Keyed<{ hookId: string }>): Promise<Done>;
  /** Needs the scope `admin`. */
  importMessages(caller: Caller, input: ImportInput): Promise<Imported>;
  /** Needs the scope `admin`. What is known by its id is stored once. */
  importFacts(caller: Caller, input: ImportFactsInput): Promise<ImportedFacts>;
  /** Needs the scope `admin`. Begins to take the bytes of a file that a message of an archive holds. */
  importFile(caller: Caller, input: ImportFileInput): Promise<ImportedFile>;
};

/**
 * The steps by which a message is sent whose time has come. Each is done once, however often it is taken, and by however many
 * servers.
 */
export type SendingSteps = {
  /** From here on it cannot be cancelled. `isToBeSent`: false if it was cancelled, or the last step was taken before. */
  beginSending(ref: ScheduledRef): Promise<Done & { isToBeSent: boolean }>;
  noteSent(ref: ScheduledRef, message: { conversationId: string; seq: number }): Promise<Done>;
  noteFailed(ref: ScheduledRef, code: EventData<"ScheduleFailed">["code"]): Promise<Done>;
};

/**
 * Makes the conversation of a circle equal to it, where whoever put it did not come so far: `revision` and `by` are those of the
 * event. Done once, by however many servers.
 */
export type CircleSteps = { completeCircle(put: { circle: string; revision: number; by: string }): Promise<Done> };

/** A webhook that is told nothing any more, until it is put again. Done once, by however many servers. */
export type WebhookSteps = { switchOffWebhook(hook: { id: string; since: Position; reason: string }): Promise<Done> };

/** What becomes of a message whose time is over. Done once, by however many servers. */
export type ExpirySteps = { expireMessage(message: { conversation: string; seq: number }): Promise<Done> };

/** What a rule does with a message that was sent: reports it once. */
export type ModerationSteps = {
  reportByRule(found: { conversationId: string; seq: number; rule: string; reason: string }): Promise<ReportDone>;
};

/** Files that a message, or what waited for its time, held and holds no more: their ids. */
export type ReleasedFiles = { files: readonly string[] } & (
  | { message: { conversationId: string; seq: number }; scheduled?: undefined }
  | { scheduled: { userId: string; id: string }; message?: undefined }
);

/** What becomes of a token that its service calls dead. Done once, by however many servers. */
export type PushSteps = {
  /** `token`: its hash. A token that is another device's by now stays theirs. */
  releasePushToken(dead: EventData<"PushTokenReleased">): Promise<Done>;
};

/** What becomes of files that no message holds. Each is done once, by however many servers. */
export type FileSteps = {
  /** No message can be sent with it any more; what none holds is removed. */
  closeUpload(upload: { user: string; id: string }): Promise<Done>;
  releaseFiles(released: ReleasedFiles): Promise<Done>;
};
