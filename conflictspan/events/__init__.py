"""Event records: who did what to whom, where, when, how many, who says so; assembled from mentions and relations."""
