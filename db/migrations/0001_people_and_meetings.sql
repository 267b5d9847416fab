-- The tables of the house. Emails are kept in lower case, so that UNIQUE means what people mean.

CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    email VARCHAR(254) NOT NULL UNIQUE CHECK (email = lower(email)),
    password VARCHAR(255) NOT NULL, -- argon2id, never the password itself
    age SMALLINT CHECK (age BETWEEN 0 AND 150),
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE blogs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    content TEXT NOT NULL,
    author_id BIGINT NOT NULL REFERENCES users,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON blogs (author_id);

CREATE TABLE conversations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE conversation_participants (
    conversation_id BIGINT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX ON conversation_participants (user_id);

-- The id is the invitation: 96 random bits, base64url.
CREATE TABLE meetings (
    id VARCHAR(16) PRIMARY KEY,
    title VARCHAR(200) NOT NULL DEFAULT '',
    host_id BIGINT NOT NULL REFERENCES users,
    guests_allowed BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON meetings (host_id);

CREATE TABLE meeting_guests (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id VARCHAR(16) NOT NULL REFERENCES meetings ON DELETE CASCADE,
    name VARCHAR(80) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON meeting_guests (meeting_id);

CREATE TABLE messages (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    sender_id BIGINT REFERENCES users,
    guest_id BIGINT REFERENCES meeting_guests,
    content TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT messages_one_author CHECK (num_nonnulls(sender_id, guest_id) = 1)
);
CREATE INDEX ON messages (conversation_id, id);
CREATE INDEX ON messages (sender_id);
CREATE INDEX ON messages (guest_id);

-- A token is good only as long as its row here is.
CREATE TABLE sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id BIGINT REFERENCES users ON DELETE CASCADE,
    guest_id BIGINT REFERENCES meeting_guests ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT sessions_one_owner CHECK (num_nonnulls(user_id, guest_id) = 1)
);
CREATE INDEX ON sessions (user_id);
CREATE INDEX ON sessions (guest_id);
CREATE INDEX ON sessions (expires_at);
