"""One file per change of the store's tables, in the order of their numbers."""
