"""Lists and figures of the console, one file per page. All keep to the scope of the unit they run in."""
