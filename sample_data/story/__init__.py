"""The story that the sample tells, one module per topic; run ../generate.py."""
