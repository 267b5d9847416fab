-- What lists need so that a page of them reads no more than a page, however long they are.

CREATE INDEX blogs_published_by_author ON blogs (author_id, published_at DESC, id DESC)
    WHERE published_at IS NOT NULL;
CREATE INDEX audit_log_by_action ON audit_log (action, id);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at DESC, id DESC);
DROP INDEX sessions_user_id_idx;
-- Few are removed, and each message asks for them.
CREATE INDEX meeting_members_removed ON meeting_members (meeting_id, user_id)
    WHERE removed_at IS NOT NULL;
