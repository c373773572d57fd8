"""What a plan says: to people as a table and sentences, to programs as a document."""
