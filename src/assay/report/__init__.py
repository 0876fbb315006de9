"""What the runs found, told to people: JSON for DVC, one HTML page, one Markdown page."""
