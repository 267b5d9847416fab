-- Accounts, people, blogs, chat and meetings, as the API has them. `version` counts the edits of a
-- row, for If-Match.

-- People ------------------------------------------------------------------------------------------

-- Of a deleted account the row stays, without anything personal in it: what its owner said to
-- others stays with them, under nobody's name.
ALTER TABLE users
    ADD COLUMN is_admin BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN deleted_at TIMESTAMPTZ;
CREATE INDEX users_by_name ON users (lower(name), id) WHERE deleted_at IS NULL;
CREATE INDEX users_search ON users USING gin (to_tsvector('simple', name))
    WHERE deleted_at IS NULL;

CREATE TABLE avatars (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    image BYTEA NOT NULL, -- WebP, encoded by us
    digest VARCHAR(64) NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Needed to sign up where SIGNUP=invite. Only a digest of the code is kept.
CREATE TABLE invitations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code_digest BYTEA NOT NULL UNIQUE,
    email VARCHAR(254), -- only this one, where given
    created_by BIGINT NOT NULL REFERENCES users,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL,
    used_by BIGINT REFERENCES users,
    used_at TIMESTAMPTZ
);

-- What administrators did. `subject` is whom or what they did it to, such as `user 7`.
CREATE TABLE audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor_id BIGINT REFERENCES users, -- none: from the command line
    action VARCHAR(40) NOT NULL,
    subject_id BIGINT REFERENCES users,
    details JSONB NOT NULL DEFAULT '{}'
);
CREATE INDEX ON audit_log (actor_id, id);
CREATE INDEX ON audit_log (subject_id, id);

-- The answer of a create that was made with an Idempotency-Key, to be given again.
CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    key VARCHAR(200) NOT NULL,
    fingerprint BYTEA NOT NULL, -- of method, path and body
    status SMALLINT, -- none while the first request is under way
    headers JSONB,
    body TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX ON idempotency_keys (created_at);

-- Blogs -------------------------------------------------------------------------------------------

-- A draft has no `published_at`.
ALTER TABLE blogs
    ADD COLUMN published_at TIMESTAMPTZ,
    ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN search TSVECTOR GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('simple', content), 'B')
    ) STORED;
UPDATE blogs SET published_at = created_at;
DROP INDEX blogs_author_id_idx;
CREATE INDEX blogs_published ON blogs (published_at DESC, id DESC) WHERE published_at IS NOT NULL;
CREATE INDEX blogs_by_author ON blogs (author_id, id DESC);
CREATE INDEX blogs_search ON blogs USING gin (search);

-- Meetings ----------------------------------------------------------------------------------------

ALTER TABLE meetings
    ADD COLUMN starts_at TIMESTAMPTZ,
    ADD COLUMN ended_at TIMESTAMPTZ,
    ADD COLUMN lobby VARCHAR(8) NOT NULL DEFAULT 'off' CHECK (lobby IN ('off', 'guests', 'all')),
    ADD COLUMN locked BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN password VARCHAR(255), -- argon2id
    ADD COLUMN max_participants SMALLINT CHECK (max_participants BETWEEN 2 AND 1000),
    ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- Who has been let in, the host too. Whoever was removed stays out.
CREATE TABLE meeting_members (
    meeting_id VARCHAR(16) NOT NULL REFERENCES meetings ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users,
    role VARCHAR(12) NOT NULL DEFAULT 'participant' CHECK (role IN ('cohost', 'participant')),
    joined_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    removed_at TIMESTAMPTZ,
    PRIMARY KEY (meeting_id, user_id)
);
INSERT INTO meeting_members (meeting_id, user_id, role, joined_at)
    SELECT id, host_id, 'cohost', created_at FROM meetings;
CREATE INDEX meetings_of_user ON meeting_members (user_id, joined_at DESC, meeting_id DESC)
    WHERE removed_at IS NULL;

ALTER TABLE meeting_guests
    ADD COLUMN admitted_at TIMESTAMPTZ,
    ADD COLUMN removed_at TIMESTAMPTZ;
UPDATE meeting_guests SET admitted_at = created_at;

-- Chat --------------------------------------------------------------------------------------------

-- `revision` counts all that happens in a conversation (messages, edits, deletions). It is taken
-- under the row's lock, so revisions become visible in their order, and whoever has seen revision n
-- misses nothing up to n.
ALTER TABLE conversations
    ADD COLUMN kind VARCHAR(8) NOT NULL DEFAULT 'group'
        CHECK (kind IN ('direct', 'group', 'meeting')),
    ADD COLUMN title VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN owner_id BIGINT REFERENCES users, -- of a group
    ADD COLUMN meeting_id VARCHAR(16) UNIQUE REFERENCES meetings ON DELETE CASCADE,
    ADD COLUMN low_id BIGINT REFERENCES users, -- the two of a direct conversation
    ADD COLUMN high_id BIGINT REFERENCES users,
    ADD COLUMN revision BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN active_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1,
    ADD CONSTRAINT conversations_kind CHECK (
        (kind = 'meeting') = (meeting_id IS NOT NULL)
        AND (kind = 'direct') = (low_id IS NOT NULL AND high_id IS NOT NULL AND low_id < high_id)
    ),
    ADD CONSTRAINT conversations_direct UNIQUE (low_id, high_id);

ALTER TABLE conversation_participants
    ADD COLUMN joined_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN read_seq BIGINT NOT NULL DEFAULT 0;

-- `seq` is the revision a message came with and orders it; `revision` is that of its last change.
-- A deleted message stays as a mark, without its content.
ALTER TABLE messages
    ADD COLUMN seq BIGINT,
    ADD COLUMN revision BIGINT,
    ADD COLUMN client_key VARCHAR(64),
    ADD COLUMN edited_at TIMESTAMPTZ,
    ADD COLUMN deleted_at TIMESTAMPTZ;
UPDATE messages SET seq = numbered.seq, revision = numbered.seq
    FROM (SELECT id, row_number() OVER (PARTITION BY conversation_id ORDER BY id) AS seq
          FROM messages) AS numbered
    WHERE numbered.id = messages.id;
UPDATE conversations SET revision = counted.last
    FROM (SELECT conversation_id, max(seq) AS last FROM messages GROUP BY 1) AS counted
    WHERE counted.conversation_id = conversations.id;
ALTER TABLE messages
    ALTER COLUMN seq SET NOT NULL,
    ALTER COLUMN revision SET NOT NULL,
    ADD CONSTRAINT messages_seq UNIQUE (conversation_id, seq);
DROP INDEX messages_conversation_id_id_idx;
CREATE INDEX messages_changes ON messages (conversation_id, revision);
-- A repeated send finds the first one.
CREATE UNIQUE INDEX messages_user_key ON messages (conversation_id, sender_id, client_key)
    WHERE sender_id IS NOT NULL AND client_key IS NOT NULL;
CREATE UNIQUE INDEX messages_guest_key ON messages (conversation_id, guest_id, client_key)
    WHERE guest_id IS NOT NULL AND client_key IS NOT NULL;
DROP INDEX messages_sender_id_idx;
DROP INDEX messages_guest_id_idx;
CREATE INDEX messages_by_guest ON messages (guest_id) WHERE guest_id IS NOT NULL;
