"""What tests share: the database they run on, the cast, and a browser without a screen."""
