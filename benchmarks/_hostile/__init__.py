"""Parts of ``hostile_files.py``."""
