-- A post's Markdown is rendered when it is written, not whenever somebody reads it. Of another
-- version of the renderer than today's, or none, it is rendered again at the next reading.
ALTER TABLE blogs
    ADD COLUMN html TEXT,
    ADD COLUMN renderer SMALLINT;
