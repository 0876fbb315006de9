"""What lies above a single study: all of them on one page."""
