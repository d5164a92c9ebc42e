"""The tests. ``reference.py`` is the slow, obvious oracle; ``golden/`` holds cases that a human checks with a pencil."""
