-- Whoever runs the server can invite before anybody has an account: such have no `created_by`.
ALTER TABLE invitations ALTER COLUMN created_by DROP NOT NULL;
