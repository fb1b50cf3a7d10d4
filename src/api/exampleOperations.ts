/** The IDE's first content: operations to run one after the other, as alice. */
export const exampleOperations = /* GraphQL */ `
  # Operations run as the user who is named above. Ctrl-Space completes.
  # Ctrl-Enter runs the one that the cursor is in. Begin with Register.

  mutation Register {
    register(input: { clientMutationId: "register", handle: "alice", name: "Alice" }) {
      user {
        id
        handle
      }
    }
  }

  # The same call again is done once: for another message give another clientMutationId.
  mutation CreateGroup {
    createConversation(input: { clientMutationId: "group-1", kind: GROUP, title: "Chess", joinPolicy: OPEN, public: true }) {
      conversation {
        id
        title
      }
    }
  }

  # To a conversation by conversationId, as CreateGroup gives it; or to somebody by userId, once they have registered.
  mutation Send($conversationId: ID, $text: String = "Hello") {
    sendMessage(input: { clientMutationId: "send-1", conversationId: $conversationId, text: $text }) {
      message {
        id
        seq
        sentAt
      }
    }
  }

  query Conversations {
    viewer {
      unreadTotal
      conversations(first: 20) {
        cursor
        edges {
          node {
            id
            title
            unreadCount
            lastMessage {
              text
              sender {
                name
              }
            }
          }
        }
      }
    }
  }

  query Search($text: String = "hello") {
    searchMessages(query: { text: $text }, first: 10) {
      totalCount
      edges {
        node {
          message {
            id
            text
          }
        }
      }
    }
  }

  # What happens from now on. Send something in another tab.
  subscription Inbox {
    inbox {
      __typename
      cursor
      ... on MessageReceived {
        message {
          id
          text
          sender {
            name
          }
        }
      }
    }
  }
`;
