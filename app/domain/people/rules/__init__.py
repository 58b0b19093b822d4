"""Pure rules about people: who may do what (`roles`), what an e-mail address is (`addresses`)."""
