"""The changes of the store's tables, one file each in versions/; env.py is how Alembic runs them."""
