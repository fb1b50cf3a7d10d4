/* What a client developer writes who has read the contract and nothing else: texts, variables, and the shapes of the answers. */

export type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
};
export type Connection<Node> = { edges: { cursor: string; node: Node }[]; pageInfo: PageInfo };
export type Attachment = {
  url: string;
  name: string;
  mediaType: string;
  size: number;
  width: number | null;
  height: number | null;
};

export type Upload = {
  id: string;
  url: string;
  method: string;
  headers: { name: string; value: string }[];
  expiresAt: string;
};

export type User = { id: string; handle: string; name: string; directConversationId: string };
export type Member = { user: { id: string }; role: "OWNER" | "ADMIN" | "MEMBER"; joinedAt: string; joinedSeq: number };

export type Message = {
  id: string;
  conversation: { id: string };
  seq: number;
  cursor: string;
  sender: { id: string };
  clientMutationId: string;
  sentAt: string;
  kind: string;
  topic: string | null;
  text: string | null;
  attachments: Attachment[];
  replyTo: { id: string; text: string | null } | null;
  forwardedFrom: { id: string } | null;
  mentions: { id: string }[];
  mentionsAll: boolean;
  editedAt: string | null;
  recalledAt: string | null;
  expiresAt: string | null;
  reactions: { emoji: string; count: number; byViewer: boolean }[];
};

export type ScheduledMessage = {
  id: string;
  conversation: { id: string };
  kind: string;
  topic: string | null;
  text: string | null;
  attachments: Attachment[];
  sendAt: string;
  failure: string | null;
};

export type Conversation = {
  id: string;
  kind: "DIRECT" | "GROUP" | "CHANNEL";
  title: string;
  avatarUrl: string | null;
  description: string | null;
  announcement: string | null;
  category: string | null;
  tags: { name: string; score: number }[];
  createdAt: string | null;
  joinPolicy: string;
  public: boolean;
  historyVisible: boolean;
  peer: { id: string } | null;
  memberCount: number;
  membership: Member | null;
  lastSeq: number;
  lastMessage: { id: string; text: string | null } | null;
  lastActivityAt: string | null;
  readSeq: number;
  unreadCount: number;
  unreadMentions: number;
  unreadReplies: number;
};

export type Entry = { cursor: string; at: string } & (
  | { __typename: "InboxCaughtUp" }
  | { __typename: "InboxReset" }
  | { __typename: "MessageReceived"; message: Message }
  | { __typename: "MessageChanged"; message: Message; messageChange: string }
  | { __typename: "JoinRequestChanged"; request: { id: string; status: string } }
  | { __typename: "ConversationChanged"; conversation: { id: string; title: string } }
  | { __typename: "ReadMoved"; conversation: { id: string }; readSeq: number }
  | {
      __typename: "MembershipChanged";
      conversation: { id: string };
      user: { id: string };
      actor: { id: string };
      membershipChange: string;
    }
);

export type SyncPage = {
  entries: Entry[];
  cursor: string;
  hasMore: boolean;
  resetRequired: boolean;
  overflow: boolean;
  skipTo: string | null;
};

export const USER = /* GraphQL */ `
  fragment UserParts on User {
    id
    handle
    name
    directConversationId
  }
`;

export const MEMBER = /* GraphQL */ `
  fragment MemberParts on Member {
    user {
      id
    }
    role
    joinedAt
    joinedSeq
  }
`;

export const MESSAGE = /* GraphQL */ `
  fragment MessageParts on Message {
    id
    conversation {
      id
    }
    seq
    cursor
    sender {
      id
    }
    clientMutationId
    sentAt
    kind
    topic
    text
    attachments {
      url
      name
      mediaType
      size
      width
      height
    }
    replyTo {
      id
      text
    }
    forwardedFrom {
      id
    }
    mentions {
      id
    }
    mentionsAll
    editedAt
    recalledAt
    expiresAt
    reactions {
      emoji
      count
      byViewer
    }
  }
`;

export const SCHEDULED = /* GraphQL */ `
  fragment ScheduledParts on ScheduledMessage {
    id
    conversation {
      id
    }
    kind
    topic
    text
    attachments {
      url
      name
      mediaType
      size
      width
      height
    }
    sendAt
    failure
  }
`;

export const CONVERSATION = /* GraphQL */ `
  ${MEMBER}
  fragment ConversationParts on Conversation {
    id
    kind
    title
    avatarUrl
    description
    announcement
    category
    tags {
      name
      score
    }
    createdAt
    joinPolicy
    public
    historyVisible
    peer {
      id
    }
    memberCount
    membership {
      ...MemberParts
    }
    lastSeq
    lastMessage {
      id
      text
    }
    lastActivityAt
    readSeq
    unreadCount
    unreadMentions
    unreadReplies
  }
`;

export const ENTRY = /* GraphQL */ `
  ${MESSAGE}
  fragment EntryParts on InboxEntry {
    __typename
    cursor
    at
    ... on MessageReceived {
      message {
        ...MessageParts
      }
    }
    ... on MessageChanged {
      messageChange
      message {
        ...MessageParts
      }
    }
    ... on JoinRequestChanged {
      request {
        id
        status
      }
    }
    ... on ConversationChanged {
      conversation {
        id
        title
      }
    }
    ... on ReadMoved {
      readSeq
      conversation {
        id
      }
    }
    ... on MembershipChanged {
      membershipChange
      user {
        id
      }
      actor {
        id
      }
      conversation {
        id
      }
    }
  }
`;

export const PAGE_INFO = /* GraphQL */ `
  fragment PageParts on PageInfo {
    hasNextPage
    hasPreviousPage
    startCursor
    endCursor
  }
`;

export type JoinRequest = {
  id: string;
  conversation: { id: string; title: string };
  user: { id: string };
  invitedBy: { id: string } | null;
  note: string | null;
  status: string;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: { id: string } | null;
};

export type Invite = {
  id: string;
  code: string;
  createdBy: { id: string };
  expiresAt: string | null;
  usesLeft: number | null;
  title: string;
  avatarUrl: string | null;
  description: string | null;
  memberCount: number;
};

export const JOIN_REQUEST = /* GraphQL */ `
  fragment JoinRequestParts on JoinRequest {
    id
    conversation {
      id
      title
    }
    user {
      id
    }
    invitedBy {
      id
    }
    note
    status
    requestedAt
    decidedAt
    decidedBy {
      id
    }
  }
`;

export const INVITE = /* GraphQL */ `
  fragment InviteParts on Invite {
    id
    code
    createdBy {
      id
    }
    expiresAt
    usesLeft
    title
    avatarUrl
    description
    memberCount
  }
`;

export type Report = {
  id: string;
  message: { id: string; text: string | null; recalledAt: string | null } | null;
  reported: { conversationId: string; seq: number; sender: { id: string }; text: string | null; files: string[] } | null;
  reporter: { id: string } | null;
  rule: string | null;
  reason: string;
  reportedAt: string;
  action: string | null;
  decidedBy: { id: string } | null;
  decidedAt: string | null;
  decisionReason: string | null;
  silencedUntil: string | null;
};

export const REPORT = /* GraphQL */ `
  fragment ReportParts on Report {
    id
    message {
      id
      text
      recalledAt
    }
    reported {
      conversationId
      seq
      sender {
        id
      }
      text
      files
    }
    reporter {
      id
    }
    rule
    reason
    reportedAt
    action
    decidedBy {
      id
    }
    decidedAt
    decisionReason
    silencedUntil
  }
`;

const INPUTS = {
  register: ["RegisterInput", "user { ...UserParts }", USER],
  putUser: ["PutUserInput", "user { ...UserParts }", USER],
  createBot: ["CreateBotInput", "user { ...UserParts bot } token", USER],
  putWebhook: ["PutWebhookInput", "webhook { id url active beforeSend { timeoutMs otherwise failingSince error } } secret", ""],
  deleteWebhook: ["NodeInput", "webhook { id } secret", ""],
  redeliverWebhook: ["NodeInput", "webhook { id }", ""],
  putIncomingWebhook: ["PutIncomingWebhookInput", "webhook { id bot { id } conversation { id } } path", ""],
  deleteIncomingWebhook: ["NodeInput", "webhook { id } path", ""],
  putCircle: ["PutCircleInput", "circle { id name }", ""],
  updateProfile: ["UpdateProfileInput", "user { ...UserParts }", USER],
  addDevice: ["AddDeviceInput", "devices { id }", ""],
  removeDevice: ["NodeInput", "devices { id }", ""],
  sendMessage: ["SendMessageInput", "message { ...MessageParts }", MESSAGE],
  scheduleMessage: ["ScheduleMessageInput", "scheduled { ...ScheduledParts }", SCHEDULED],
  createUpload: ["CreateUploadInput", "upload { id url method headers { name value } expiresAt }", ""],
  cancelScheduled: ["NodeInput", "scheduled { ...ScheduledParts }", SCHEDULED],
  forwardMessages: ["ForwardMessagesInput", "messages { ...MessageParts }", MESSAGE],
  editMessage: ["EditMessageInput", "message { ...MessageParts }", MESSAGE],
  recallMessage: ["MessageInput", "message { ...MessageParts }", MESSAGE],
  react: ["ReactInput", "message { ...MessageParts }", MESSAGE],
  pinMessage: ["PinMessageInput", "message { ...MessageParts }", MESSAGE],
  markRead: ["MarkReadInput", "conversation { ...ConversationParts }", CONVERSATION],
  markAllRead: ["MarkAllReadInput", "conversations { ...ConversationParts } viewer { unreadTotal }", CONVERSATION],
  createConversation: ["CreateConversationInput", "conversation { ...ConversationParts }", CONVERSATION],
  updateConversation: ["UpdateConversationInput", "conversation { ...ConversationParts }", CONVERSATION],
  join: ["JoinInput", "conversation { ...ConversationParts } request { ...JoinRequestParts }", `${CONVERSATION} ${JOIN_REQUEST}`],
  answerJoinRequest: ["AnswerInput", "request { ...JoinRequestParts }", JOIN_REQUEST],
  createInvite: ["CreateInviteInput", "invite { ...InviteParts }", INVITE],
  revokeInvite: ["RevokeInviteInput", "invite { ...InviteParts }", INVITE],
  silence: ["SilenceInput", "conversation { ...ConversationParts }", CONVERSATION],
  dissolve: ["NodeInput", "conversation { ...ConversationParts }", CONVERSATION],
  report: ["ReportInput", "report { ...ReportParts }", REPORT],
  decideReport: ["DecideReportInput", "report { ...ReportParts }", REPORT],
  banUser: ["BanInput", "user { ...UserParts }", USER],
  unbanUser: ["BanInput", "user { ...UserParts }", USER],
  addMembers: ["MembersInput", "conversation { ...ConversationParts }", CONVERSATION],
  removeMembers: ["MembersInput", "conversation { ...ConversationParts }", CONVERSATION],
  leave: ["NodeInput", "conversation { ...ConversationParts }", CONVERSATION],
  setPreferences: ["SetPreferencesInput", "conversation { ...ConversationParts }", CONVERSATION],
  setRole: ["SetRoleInput", "conversation { ...ConversationParts }", CONVERSATION],
  transferOwnership: ["MemberInput", "conversation { ...ConversationParts }", CONVERSATION],
  importMessages: ["ImportInput", "stored alreadyThere refused { index code message }", ""],
  importFacts: ["ImportFactsInput", "stored alreadyThere loose refused { index code message }", ""],
  importFile: ["ImportFileInput", "upload { id url method headers { name value } expiresAt }", ""],
} as const;

export type Mutations = {
  register: { user: User };
  putUser: { user: User };
  createBot: { user: User & { bot: boolean }; token: string | null };
  putWebhook: {
    webhook: { id: string; url: string; active: boolean; beforeSend: { timeoutMs: number; otherwise: string } | null } | null;
    secret: string | null;
  };
  deleteWebhook: { webhook: { id: string } | null; secret: string | null };
  redeliverWebhook: { webhook: { id: string } | null };
  putIncomingWebhook: { webhook: { id: string } | null; path: string | null };
  deleteIncomingWebhook: { webhook: { id: string } | null; path: string | null };
  putCircle: { circle: { id: string; name: string } };
  updateProfile: { user: User };
  addDevice: { devices: { id: string }[] };
  removeDevice: { devices: { id: string }[] };
  sendMessage: { message: Message };
  scheduleMessage: { scheduled: ScheduledMessage[] };
  createUpload: { upload: Upload };
  cancelScheduled: { scheduled: ScheduledMessage[] };
  forwardMessages: { messages: Message[] };
  editMessage: { message: Message };
  recallMessage: { message: Message };
  react: { message: Message };
  pinMessage: { message: Message };
  markRead: { conversation: Conversation };
  markAllRead: { conversations: Conversation[]; viewer: { unreadTotal: number } };
  createConversation: { conversation: Conversation };
  updateConversation: { conversation: Conversation };
  join: { conversation: Conversation; request: JoinRequest | null };
  answerJoinRequest: { request: JoinRequest };
  createInvite: { invite: Invite };
  revokeInvite: { invite: Invite };
  silence: { conversation: Conversation };
  dissolve: { conversation: Conversation };
  report: { report: Report };
  decideReport: { report: Report };
  banUser: { user: User };
  unbanUser: { user: User };
  addMembers: { conversation: Conversation };
  removeMembers: { conversation: Conversation };
  leave: { conversation: Conversation };
  setPreferences: { conversation: Conversation };
  setRole: { conversation: Conversation };
  transferOwnership: { conversation: Conversation };
  importMessages: { stored: number; alreadyThere: number; refused: { index: number; code: string; message: string }[] };
  importFacts: {
    stored: number;
    alreadyThere: number;
    loose: number;
    refused: { index: number; code: string; message: string }[];
  };
  importFile: { upload: Upload | null };
};

export type MutationName = keyof Mutations;

/** The text of a mutation that asks for all that its payload holds. */
export function mutationText(name: MutationName): string {
  const [input, selection, fragments] = INPUTS[name];
  return `mutation ($input: ${input}!) { ${name}(input: $input) { cursor ${selection} } } ${fragments}`;
}
