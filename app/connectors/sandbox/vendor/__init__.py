"""The vendor's side of the sandbox, one noun a module. Standard library only, and nothing of the rest of Awning."""
