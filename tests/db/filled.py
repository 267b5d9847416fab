"""A database with a hundred thousand rows in each list, made by the server itself in seconds.

User 1 has a share in everything; user 2 talks, meets and writes as much as people do.
"""

from __future__ import annotations

from db.pool import Database

ROWS = 100_000

FILL = f"""
    DO $$ -- what autovacuum learns meanwhile of a sample would change plans
    DECLARE name regclass;
    BEGIN
        FOR name IN SELECT oid::regclass FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        LOOP
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', name);
        END LOOP;
    END $$;

    SET session_replication_role = replica; -- the rows fit together by construction

    INSERT INTO users (name, email, password, is_active, is_admin)
    SELECT (ARRAY['Ada', 'Ben', 'Carla', 'Dora'])[1 + i % 4] || ' Person' || i,
        'person' || i || '@example.com', 'hash', i % 1000 <> 7, i % 1000 = 1
    FROM generate_series(1, {ROWS}) AS i;

    INSERT INTO blogs (title, content, author_id, created_at, published_at)
    SELECT 'Post ' || i, 'common word' || i % 500 || ' rare' || i % 20000,
        CASE WHEN i % 2 = 0 THEN 1 ELSE 1 + i % 5000 END,
        now() - i * interval '1 s', CASE WHEN i % 3 <> 0 THEN now() - i * interval '1 s' END
    FROM generate_series(1, {ROWS}) AS i;

    INSERT INTO meetings (id, host_id, title, created_at, ended_at)
    SELECT 'meeting' || i, 1 + i % 5000, 'Meeting ' || i, now() - i * interval '1 min',
        CASE WHEN i % 2 = 0 THEN now() END
    FROM generate_series(1, {ROWS}) AS i;
    INSERT INTO meeting_members (meeting_id, user_id, joined_at)
    SELECT 'meeting' || i, 1, now() - i * interval '1 min' FROM generate_series(1, {ROWS}) AS i
    UNION ALL
    SELECT 'meeting1', i, now() FROM generate_series(2, {ROWS}) AS i;

    INSERT INTO conversations (kind, title, owner_id, revision, active_at)
    SELECT 'group', 'Group ' || i, 1 + i % 5000, CASE i WHEN 1 THEN {ROWS} ELSE 1 END,
        now() - i * interval '1 min'
    FROM generate_series(1, {ROWS}) AS i;
    INSERT INTO conversation_participants (conversation_id, user_id)
    SELECT i, 1 + i % 500 FROM generate_series(1, {ROWS}) AS i
    UNION SELECT 1, i FROM generate_series(1, {ROWS}) AS i;
    INSERT INTO messages (conversation_id, sender_id, content, seq, revision, client_key)
    SELECT 1, 1 + i % 100, 'message ' || i, i, i, i::text FROM generate_series(1, {ROWS}) AS i
    UNION ALL
    SELECT i, 1 + i % 5000, 'message', 1, 1, 'key' FROM generate_series(2, {ROWS}) AS i;

    INSERT INTO sessions (user_id, created_at, expires_at)
    SELECT CASE WHEN i % 2 = 0 THEN 1 ELSE i END, now() - i * interval '1 s', now() + '1 d'
    FROM generate_series(1, {ROWS}) AS i;
    INSERT INTO audit_log (actor_id, action, subject_id)
    SELECT 1 + i % 10, CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'often' || i % 7 END, 1 + i % 5000
    FROM generate_series(1, {ROWS}) AS i;
    INSERT INTO invitations (code_digest, created_by, expires_at)
    SELECT sha256(i::text::bytea), 1, now() + '1 d' FROM generate_series(1, {ROWS}) AS i;

    RESET session_replication_role;
"""  # noqa: S608 - constants


async def fill(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(FILL, timeout=120)
        # All rows instead of a sample: plans are the same each time.
        await connection.execute("SET default_statistics_target = 400")
        await connection.execute("ANALYZE", timeout=120)
        await connection.execute("RESET ALL")
