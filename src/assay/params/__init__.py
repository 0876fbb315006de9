"""The parameters: one file and one frozen type a section, no torch."""
