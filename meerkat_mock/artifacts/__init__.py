"""What runs leave behind: blobs by their content, and records of artifacts (spec 02, section 15; spec 05, section 4)."""
