"""What pages need from several packages at once, in a number of queries that does not grow with the data."""
