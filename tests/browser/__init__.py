"""The page in real browsers against the real server, on a network of their own."""
