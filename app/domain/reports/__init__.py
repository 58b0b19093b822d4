"""Reading across the whole business for the console: overviews and lists that join several nouns. Nothing is written here."""
