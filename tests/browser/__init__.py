"""Awning in Chromium: the story with and without JavaScript, and every kind of page for everybody and every screen."""
