-- What was said before a guest was let in is not for him: the revision of the meeting's conversation
-- at that moment.
ALTER TABLE meeting_guests ADD COLUMN history_after BIGINT NOT NULL DEFAULT 0;
