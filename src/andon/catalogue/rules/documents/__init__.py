"""The catalogue's files, read and checked without a database and without Django."""
