"""People, teams and their members, contact methods, API keys."""
