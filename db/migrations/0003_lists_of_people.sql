-- What administrators list and search for among very many people.

CREATE INDEX users_by_email ON users (email text_pattern_ops) WHERE deleted_at IS NULL;
CREATE INDEX users_administrators ON users (lower(name), id)
    WHERE is_admin AND deleted_at IS NULL;
CREATE INDEX users_inactive ON users (lower(name), id)
    WHERE NOT is_active AND deleted_at IS NULL;
