"""What pages need from several packages at once. The number of queries never grows with it."""
