"""Pictures of the whole page, for whoever changes it and for the README: `make screenshots`."""
